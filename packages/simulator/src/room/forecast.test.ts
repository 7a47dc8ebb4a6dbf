import { describe, expect, it } from '@jest/globals';
import { createForecast } from './forecast.ts';
import type { RatedLevel } from './level-states.ts';

const level = (usedW: number): RatedLevel => ({
  ...{ level: 'row', id: 'r1', parents: [], usedW, predictedW: usedW, peakW: usedW },
  ...{ idleW: 0, limitW: 100 },
});
/** The last prediction of a series, ten seconds a step. */
const after = (series: readonly number[]): number => {
  const forecast = createForecast();
  return series.reduce((_, usedW) => forecast([level(usedW)], 10)[0]?.predictedW ?? 0, 0);
};
const steps = (of: (at: number) => number): readonly number[] =>
  Array.from({ length: 100 }, (_, at) => of(at));

describe('what a level is expected to draw', () => {
  it('is what it draws where nothing changes, and never less than it draws', () => {
    expect(after(steps(() => 50))).toBeCloseTo(50, 6);
    expect(after([...steps(() => 50), 80])).toBeGreaterThanOrEqual(80);
  });

  it('is more the more it wavers, and the more it rises; what falls counts as it is', () => {
    const calm = after(steps((at) => 50 + (at % 2)));
    const wavering = after(steps((at) => 50 + 10 * (at % 2)));
    expect(wavering).toBeGreaterThan(calm + 5);
    expect(wavering).toBeGreaterThan(60);
    expect(after(steps((at) => 50 + 0.1 * at))).toBeGreaterThan(60.2);
    expect(after(steps((at) => 60 - 0.1 * at))).toBeLessThan(54);
  });
});
