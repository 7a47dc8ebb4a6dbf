import { describe, expect, it } from '@jest/globals';
import { defaultSloClasses, sloClassNames, ttftTargetMs } from './slo-class.ts';

describe('the default classes', () => {
  it('promise less and are more patient the less urgent they are', () => {
    const promised = ['ttftMs', 'ttftTokenMs', 'tokenMs'] as const;
    const fields = [...promised, 'waitMsMax', 'giveUpMs', 'promoteMs'] as const;
    for (const field of fields) {
      const values = sloClassNames.map((name) => defaultSloClasses[name][field]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('keep some places for those that are more urgent', () => {
    const shares = sloClassNames.map((name) => defaultSloClasses[name].placesShareMax);
    expect(shares).toEqual([1, 0.95, 0.9]);
  });

  it('give a longer prompt longer', () => {
    expect(ttftTargetMs({ ttftMs: 100, ttftTokenMs: 2 }, 50)).toBe(200);
  });
});
