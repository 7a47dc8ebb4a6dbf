import { describe, expect, it } from '@jest/globals';
import { type AisleAir, aisleLimitW } from './aisle-limit.ts';

const settings = { tightK: 2, easyK: 6, releaseShare: 0.93 };
/** Ten kilowatts are carried away and fourteen drawn, of which three are ours to give. */
const limitOf = (marginK: number, different: Partial<AisleAir> = {}): number =>
  aisleLimitW(
    {
      ...{ expectedW: 14_000, heldBackW: 0, givableW: 3_000, limitW: 10_000, marginK },
      ...different,
    },
    settings,
  );
const aimOf = (marginK: number, different?: Partial<AisleAir>): number =>
  Math.round(limitOf(marginK, different) * settings.releaseShare);

describe('the limit of an aisle that lacks air', () => {
  it.each([20, 7, 6])(
    'leaves everybody all they want while everything has %s K left',
    (marginK) => {
      expect(aimOf(marginK)).toBe(14_000);
    },
  );

  it('takes in proportion as anything nears its limit, up to all that can be given', () => {
    expect([5, 4, 3, 2, 0.1].map((marginK) => aimOf(marginK))).toEqual([
      ...[13_250, 12_500, 11_750, 11_000, 11_000],
    ]);
  });

  it('takes no more because something is taken already', () => {
    expect(aimOf(4, { expectedW: 12_500, heldBackW: 1_500 })).toBe(12_500);
    // Air falls by less than power does where fans run on: that takes no more either.
    expect(aimOf(4, { expectedW: 13_900, heldBackW: 1_500 })).toBe(13_900);
  });

  it('takes no more than is too much', () => {
    expect(aimOf(2, { expectedW: 11_000 })).toBe(10_000);
    expect(limitOf(4, { expectedW: 9_000 })).toBe(10_000);
  });

  it('is what is carried away once there is no margin', () => {
    expect(limitOf(0)).toBe(10_000);
    expect(limitOf(-9)).toBe(10_000);
  });
});
