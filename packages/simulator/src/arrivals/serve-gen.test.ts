import { describe, expect, it } from '@jest/globals';
import { randomStream } from '../chance/xoshiro.ts';
import { parseServeGenClient, serveGenArrivals, type ServeGenClient } from './serve-gen.ts';

// Samples of our own in the format of the original.
const trace = `0,2,0.5,Gamma,4,0.1
600,0,0,,0,0
1200,1,1.2,Weibull,0.8,0.9
1800,1,0.5,,0,0
`;
const dataset = JSON.stringify({
  0: {
    ...{ text_tokens: '{100: 0.25, 300: 0.75}', image_count: '{0: 0.5, 40: 0.5}' },
    ...{ image_tokens: '{500: 1.0}', output_tokens: '{7: 8.1e-01, 9: 0.19}' },
  },
});
const clientOf = (csv = trace): ServeGenClient => {
  const parsed = parseServeGenClient(csv, dataset);
  if (parsed.kind === 'refused') throw new RangeError(parsed.reason);
  return parsed.client;
};
const until = (endMs: number, clients: readonly ServeGenClient[], rateScale = 1) => {
  const source = serveGenArrivals(clients, { rateScale, imagesMax: 16 }, randomStream(1, 'sg'));
  const arrivals: NonNullable<ReturnType<typeof source.next>>[] = [];
  for (let next = source.next(); next !== undefined && next.atMs < endMs; next = source.next()) {
    arrivals.push({ ...next });
  }
  return arrivals;
};

describe('a ServeGen workload', () => {
  it('comes at the rates of its windows, none where there are none, and again from the beginning', () => {
    const times = until(2 * 2_400_000, [clientOf()]).map(({ atMs }) => atMs);
    const during = (fromS: number): number =>
      times.filter((atMs) => atMs >= fromS * 1000 && atMs < (fromS + 600) * 1000).length;
    // 1,200 and 600 expected; bursts of a cv of 1.25 spread 600 by 31.
    expect(Math.abs(during(0) - 1200)).toBeLessThan(100);
    expect(during(600)).toBe(0);
    expect(Math.abs(during(1200) - 600)).toBeLessThan(150);
    expect(Math.abs(during(1800) - 600)).toBeLessThan(80);
    expect(Math.abs(during(2400) - 1200)).toBeLessThan(100);
  });

  it('asks for what its distributions say, with the bound on pictures', () => {
    const arrivals = until(600_000, [clientOf()]);
    const share = (is: (arrival: (typeof arrivals)[number]) => boolean): number =>
      arrivals.filter(is).length / arrivals.length;
    expect(share(({ textTokens }) => textTokens === 300)).toBeCloseTo(0.75, 1);
    expect(share(({ media }) => media === 16)).toBeCloseTo(0.5, 1);
    expect(share(({ answerTokens }) => answerTokens === 7)).toBeCloseTo(0.81, 1);
    expect(share(({ mediumTokens }) => mediumTokens === 500)).toBe(1);
  });

  it('is of all clients together in the order of time, faster where told so', () => {
    const times = until(300_000, [clientOf(), clientOf()], 2).map(({ atMs }) => atMs);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(Math.abs(times.length - 2400)).toBeLessThan(150);
    expect(until(1000, [clientOf('0,0,0,,0,0')])).toEqual([]);
  });

  it.each([
    ['', dataset, 'the trace has no window'],
    ['0,many,1,Gamma,1,1', dataset, 'line 1 is no window'],
    [trace, '{}', 'the dataset has no distributions'],
    [trace, '{"0": {"text_tokens": "none"}}', 'the dataset has no distributions'],
    [trace, 'not JSON', 'the dataset has no distributions'],
  ])('refuses %j with %j', (csv, json, reason) => {
    expect(parseServeGenClient(csv, json)).toEqual({ kind: 'refused', reason });
  });
});
