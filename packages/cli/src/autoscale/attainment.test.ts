import { describe, expect, it } from '@jest/globals';
import { keptOf, keptShare } from './attainment.ts';

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
    expect(keptShare({ inTime: 0, late: 0 }, now)).toBe(0.5);
  });

  it('is unknown at the first look, where nothing ended, and where a router began anew', () => {
    const some = { inTime: 5, late: 5 };
    expect(keptShare(undefined, some)).toBeUndefined();
    expect(keptShare(some, some)).toBeUndefined();
    expect(keptShare(some, { inTime: 1, late: 6 })).toBeUndefined();
    expect(keptShare(some, { inTime: 9, late: 4 })).toBeUndefined();
  });
});
