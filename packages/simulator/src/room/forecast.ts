import type { RatedLevel } from './level-states.ts';

/** Over which times a mean, and a slower one whose distance to it is the trend, are taken. */
const fastS = 30;
const slowS = 300;
/** How far ahead the trend is followed. */
const aheadS = 60;
/** How many deviations of its unrest a level is expected to be above its mean. */
const deviations = 1.5;

/**
 * What levels will draw, from what they drew: their mean, its trend for a minute, and so many deviations of how much they waver. A
 * plan that waits until a wavering row is over its limit comes after the row's own brake.
 */
export const createForecast = (): ((
  levels: readonly RatedLevel[],
  dtS: number,
) => readonly RatedLevel[]) => {
  let fast: Float64Array | undefined;
  let slow = new Float64Array();
  let variance = new Float64Array();
  return (levels, dtS) => {
    if (fast === undefined) {
      fast = Float64Array.from(levels, ({ usedW }) => usedW);
      slow = Float64Array.from(fast);
      variance = new Float64Array(levels.length);
    }
    const means = fast;
    const [fastKept, slowKept] = [fastS / (fastS + dtS), slowS / (slowS + dtS)];
    return levels.map((level, at) => {
      const { usedW } = level;
      const apartW = usedW - (means[at] ?? usedW);
      means[at] = usedW - fastKept * apartW;
      slow[at] = usedW - slowKept * (usedW - (slow[at] ?? usedW));
      variance[at] = slowKept * ((variance[at] ?? 0) + (1 - slowKept) * apartW * apartW);
      const slope = ((means[at] ?? 0) - (slow[at] ?? 0)) / (slowS - fastS);
      const meanW = (means[at] ?? 0) + aheadS * Math.max(0, slope);
      const predictedW = Math.max(usedW, meanW + deviations * Math.sqrt(variance[at] ?? 0));
      return { ...level, predictedW };
    });
  };
};
