import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodesBesidePrefill } from './encode-beside-prefill.ts';

const bounds = { colocateTokensMax: 100, colocateMediaMax: 2 };

describe('encoding beside prefill', () => {
  it('is for few and small media', () => {
    const cases = [[], [100], [101], [50, 50], [60, 50], [1, 1, 1]];
    expect(cases.map((tokens) => encodesBesidePrefill(tokens, bounds))).toEqual([
      ...[false, true, false, true, false, false],
    ]);
    expect(encodesBesidePrefill([1], { ...bounds, colocateTokensMax: 0 })).toBe(false);
  });

  it('does not depend on the order of the media, and more of them never speaks for it (property)', () => {
    const media = fc.array(fc.nat(80), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(media, fc.nat(80), (tokens, more) => {
        const decided = encodesBesidePrefill(tokens, bounds);
        const grown = encodesBesidePrefill([...tokens, more], bounds);
        return decided === encodesBesidePrefill(tokens.toReversed(), bounds) && (decided || !grown);
      }),
    );
  });
});
