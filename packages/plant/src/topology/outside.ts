import type { OutsidePlan } from './room-plan.ts';

const secondsPerHour = 3600;

/**
 * The temperature outside at a time of the plant, in °C. `hourlyC` is the weather file of an `epw` plan, which whoever
 * runs the room has read; hours are joined by straight lines and the year begins again at its end.
 */
export const outsideAtC = (
  outside: OutsidePlan,
  atS: number,
  hourlyC: readonly number[] = [],
): number => {
  switch (outside.kind) {
    case 'constant':
      return outside.temperatureC;
    case 'steps':
      return between(
        outside.points.map(({ atS: at, temperatureC }) => ({ at, value: temperatureC })),
        atS,
      );
    case 'epw': {
      const hours = outside.startHour + atS / secondsPerHour;
      const hour = Math.floor(hours);
      const from = wrapped(hourlyC, hour);
      return from + (wrapped(hourlyC, hour + 1) - from) * (hours - hour);
    }
    default:
      return outside satisfies never;
  }
};

/** Assumed where a weather file is empty. */
const mildC = 20;

const wrapped = (values: readonly number[], index: number): number =>
  values.length === 0 ? mildC : (values[index % values.length] ?? mildC);

const between = (
  points: readonly { readonly at: number; readonly value: number }[],
  at: number,
): number => {
  let below = points[0];
  if (below === undefined) return mildC;
  for (const point of points) {
    if (point.at > at) {
      if (point.at <= below.at) return below.value;
      const share = Math.max(0, (at - below.at) / (point.at - below.at));
      return below.value + (point.value - below.value) * share;
    }
    below = point;
  }
  return below.value;
};
