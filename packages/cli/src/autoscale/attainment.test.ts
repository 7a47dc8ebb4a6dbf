import { describe, expect, it } from '@jest/globals';
import { judged, keptOf } from './attainment.ts';

const oneClass = { name: 'standard', waiting: 0, admitted: 0, promoted: 0 };
const admission = (inTime: number, late: number, refused: Readonly<Record<string, number>> = {}) =>
  ({
    ...{ waiting: 0, waitingBytes: 0, refused },
    classes: [{ ...oneClass, inTime, late, tokensInTime: inTime - 1, tokensLate: late + 1 }],
  }) as unknown as Parameters<typeof keptOf>[0][number];

describe('what was kept since the look before', () => {
  it('is of all routers, first tokens or those of decode', () => {
    const routers = [admission(6, 1), null, admission(4, 1)];
    expect(keptOf(routers, 'encoder')).toEqual({ inTime: 10, late: 2 });
    expect(keptOf(routers, 'decode')).toEqual({ inTime: 8, late: 4 });
  });

  it('counts what was turned away for lack of instances as late, and nothing else', () => {
    const refused = { ttft_target: 3, wait_over: 2, tenant_rate: 100, never_in_time: 10 };
    const now = keptOf([admission(5, 0, refused)], 'prefill');
    expect(now).toEqual({ inTime: 5, late: 5 });
    expect(judged({ inTime: 0, late: 0 }, now).share).toBe(0.5);
  });

  it('is unknown at the first look, and where a router began anew; it counts from there', () => {
    const some = { inTime: 5, late: 5 };
    expect(judged(undefined, some)).toEqual({ from: some, share: undefined });
    const anew = { inTime: 1, late: 6 };
    expect(judged(some, anew)).toEqual({ from: anew, share: undefined });
  });

  it('is said of two hundred, or once three are late; until then looks are taken together', () => {
    const from = { inTime: 10, late: 0 };
    const few = judged(from, { inTime: 100, late: 2 });
    expect(few).toEqual({ from, share: undefined });
    expect(judged(few.from, { inTime: 107, late: 3 }).share).toBe(0.97);
    const many = { inTime: 209, late: 1 };
    expect(judged(from, many)).toEqual({ from: many, share: 0.995 });
  });
});
