import { describe, expect, it } from '@jest/globals';
import { liveTraffic } from './live-traffic.ts';
import { quickLive } from './parameters.ts';

describe('traffic of live processes, drawn', () => {
  const { requests, source, dayTimes } = liveTraffic(quickLive, undefined);
  const { durationMs, textsPerS, imagesMax } = quickLive;
  const [from, to] = quickLive.hours;

  it('says that it is drawn, and by how much time is compressed', () => {
    expect(source).toBe('drawn');
    expect(dayTimes).toBe((3_600_000 * (to - from)) / durationMs);
  });

  it('comes in the order of time, as often as wished, with nothing longer than allowed', () => {
    const times = requests.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(durationMs);
    const pictures = requests.filter(({ media }) => media > 0).length;
    expect(pictures).toBeGreaterThan(100);
    expect((1000 * (requests.length - pictures)) / durationMs / textsPerS).toBeCloseTo(1, 0);
    expect(Math.max(...requests.map(({ media }) => media))).toBeLessThanOrEqual(imagesMax);
    expect(Math.max(...requests.map((one) => one.textTokens))).toBeLessThanOrEqual(
      quickLive.textTokensMax,
    );
  });

  it('is the same from the same seed', () => {
    expect(liveTraffic(quickLive, undefined).requests).toEqual(requests);
  });
});
