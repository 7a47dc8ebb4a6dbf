import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sloClassNames } from './slo-class.ts';
import { noUse, observeAdmitted, urgentShare } from './urgent-share.ts';

describe('the share of more urgent classes', () => {
  it('is what they were let in with, up to what promotion leaves', () => {
    const half = observeAdmitted(observeAdmitted(noUse, 'interactive', 99), 'batch', 100);
    expect(urgentShare(half, 'interactive')).toBe(0);
    expect(urgentShare(half, 'standard')).toBeCloseTo(0.5, 1);
    expect(urgentShare(half, 'batch')).toBeCloseTo(0.5, 1);
    expect(urgentShare(observeAdmitted(noUse, 'standard', 1), 'batch')).toBe(7 / 8);
    expect(urgentShare(noUse, 'batch')).toBe(0);
  });

  it('grows with the class, and is never all (property)', () => {
    const admitted = fc.tuple(fc.constantFrom(...sloClassNames), fc.nat(999));
    fc.assert(
      fc.property(fc.array(admitted), (all) => {
        const use = all.reduce((sum, [name, cost]) => observeAdmitted(sum, name, cost), noUse);
        const shares = sloClassNames.map((name) => urgentShare(use, name));
        expect(shares).toEqual(shares.toSorted((a, b) => a - b));
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...shares)).toBeLessThanOrEqual(7 / 8);
      }),
    );
  });
});
