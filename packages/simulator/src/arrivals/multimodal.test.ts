import { describe, expect, it } from '@jest/globals';
import { randomStream } from '../chance/xoshiro.ts';
import { multimodalArrivals, multimodalDefaults, type MultimodalOptions } from './multimodal.ts';

const sourceOf = (different: Partial<MultimodalOptions> = {}) =>
  multimodalArrivals(
    { ...multimodalDefaults, requestsPerS: 10, imageTokens: 1280, ...different },
    randomStream(1, 'arrivals'),
  );
const drawn = (count: number, different: Partial<MultimodalOptions> = {}) => {
  const source = sourceOf(different);
  return Array.from({ length: count }, () => ({ ...source.next() }) as Required<Arrival>);
};
type Arrival = NonNullable<ReturnType<ReturnType<typeof sourceOf>['next']>>;
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN;

describe('multimodal arrivals', () => {
  const arrivals = drawn(30_000);
  const texts = arrivals.filter(({ media }) => media === 0);
  const images = arrivals.filter(({ media }) => media > 0);

  it.each([
    ['context, median', texts.map(({ textTokens }) => textTokens), 0.5, 775],
    ['context, 95 %', texts.map(({ textTokens }) => textTokens), 0.95, 4070],
    ['answers to texts, median', texts.map(({ answerTokens }) => answerTokens), 0.5, 144],
    ['answers to texts, 90 %', texts.map(({ answerTokens }) => answerTokens), 0.9, 460],
    ['answers about pictures, median', images.map(({ answerTokens }) => answerTokens), 0.5, 79],
  ])('has the quantiles of the trace: %s', (_, values, share, expected) => {
    expect(quantile(values, share) / expected).toBeGreaterThan(0.93);
    expect(quantile(values, share) / expected).toBeLessThan(1.07);
  });

  it('has its share of pictures, most of them single, none above the bound', () => {
    expect(images.length / arrivals.length).toBeCloseTo(0.48, 1);
    const single = images.filter(({ media }) => media === 1).length;
    expect(single / images.length).toBeCloseTo(0.66, 1);
    expect(Math.max(...images.map(({ media }) => media))).toBe(16);
    expect(images.every(({ mediumTokens }) => mediumTokens === 1280)).toBe(true);
  });

  it('come at their rate, in bursts where told so', () => {
    const last = arrivals.at(-1)?.atMs ?? NaN;
    expect(arrivals.length / (last / 1000)).toBeCloseTo(10, 0);
    const variation = (burstiness: number): number => {
      const times = drawn(20_000, { burstiness }).map(({ atMs }) => atMs);
      const gaps = times.map((atMs, at) => atMs - (times[at - 1] ?? 0));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      return gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length / mean ** 2;
    };
    expect(variation(1)).toBeCloseTo(1, 1);
    expect(variation(4)).toBeGreaterThan(3);
  });

  it('are most at noon and fewest at midnight where they swing', () => {
    const all = drawn(40_000, { requestsPerS: 0.2, dailySwing: 0.8 }).map(({ atMs }) => atMs);
    const times = all.filter((atMs) => atMs < 2 * 86_400_000);
    const during = (from: number, until: number): number =>
      times.filter((atMs) => (atMs / 86_400_000) % 1 >= from && (atMs / 86_400_000) % 1 < until)
        .length;
    expect(during(0.4, 0.6) / during(0, 0.2)).toBeGreaterThan(2.5);
  });
});
