import { describe, expect, it } from '@jest/globals';
import { randomStream } from '../chance/xoshiro.ts';
import { multimodalArrivals, multimodalDefaults } from './multimodal.ts';
import { dayOfClients, rateShareAt, weekCurve } from './rate-curve.ts';
import { parseServeGenClient } from './serve-gen.ts';
import { parseTrace, traceArrivals } from './trace.ts';

const hourMs = 3_600_000;
const curve = weekCurve({ stepMs: 12 * hourMs, rates: [1, 3] }, [1, 1, 1, 1, 1, 0.5, 0.5]);

const countOf = (source: { next(): { atMs: number } | undefined }, fromMs: number) => {
  let count = 0;
  for (let each = source.next(); each !== undefined; each = source.next()) {
    if (each.atMs >= fromMs + 12 * hourMs) return count;
    if (each.atMs >= fromMs) count += 1;
  }
  return count;
};

describe('a rate over a week', () => {
  it('has a mean of 1, goes by day and hour, and begins again', () => {
    const mean = curve.shares.reduce((sum, share) => sum + share, 0) / curve.shares.length;
    expect(mean).toBeCloseTo(1, 9);
    expect(rateShareAt(curve, 13 * hourMs)).toBeCloseTo(3 * rateShareAt(curve, 0), 9);
    expect(rateShareAt(curve, 5 * 24 * hourMs)).toBeCloseTo(rateShareAt(curve, 0) / 2, 9);
    expect(rateShareAt(curve, 7 * 24 * hourMs)).toBe(rateShareAt(curve, 0));
  });

  it('is what drawn requests and those of a trace come by', () => {
    const drawn = () =>
      multimodalArrivals(
        { ...multimodalDefaults, requestsPerS: 1, imageTokens: 1, curve },
        randomStream(1, 'arrivals'),
      );
    const [night, noon] = [countOf(drawn(), 0), countOf(drawn(), 12 * hourMs)];
    expect(noon / night).toBeGreaterThan(2.8);
    expect(noon / night).toBeLessThan(3.2);
    const lines = Array.from({ length: 61 }, (_, at) => `2024-01-01 00:${pad(at)}.0,5,5`);
    const parsed = parseTrace(lines.slice(0, 60).join('\n'), 'azure');
    if (parsed.kind !== 'ok') throw new RangeError(parsed.reason);
    const traced = () =>
      traceArrivals(parsed.trace, { rateScale: 1, imagesMax: 0, imageTokens: 1, curve });
    expect(countOf(traced(), 12 * hourMs) / countOf(traced(), 0)).toBeCloseTo(3, 1);
  });

  it('is the sum of all clients of a service', () => {
    const dataset = JSON.stringify({
      0: {
        text_tokens: '{1: 1}',
        image_count: '{1: 1}',
        image_tokens: '{1: 1}',
        output_tokens: '{1: 1}',
      },
    });
    const clients = ['0,1,1,,\n600,2,1,,', '0,3,1,,\n600,0,0,,'].map((text) => {
      const parsed = parseServeGenClient(text, dataset);
      if (parsed.kind !== 'ok') throw new RangeError(parsed.reason);
      return parsed.client;
    });
    expect(dayOfClients(clients)).toEqual({ stepMs: 600_000, rates: [4, 2] });
  });
});

const pad = (minute: number): string => `${String(Math.min(59, minute)).padStart(2, '0')}:00`;
