import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentKey, scopeOf, tensorDigest } from './content-key.ts';

const numbers = Float32Array.from({ length: 16 }, (_, index) => index / 16);

describe('content keys', () => {
  it('tell the same numbers in another shape apart', () => {
    const shapes = [[2, 8], [4, 4], [8, 2], [1, 2, 8], [16]];
    const digests = shapes.map((shape) => tensorDigest({ shape, data: numbers }));
    expect(new Set(digests).size).toBe(shapes.length);
  });

  it('are those of the numbers, wherever they lie in memory', () => {
    const wide = Float32Array.from([9, ...numbers, 9]);
    const view = wide.subarray(1, 17);
    expect(tensorDigest({ shape: [4, 4], data: view })).toBe(
      tensorDigest({ shape: [4, 4], data: numbers }),
    );
  });

  it('differ by one number, be it the last bit of it (property)', () => {
    fc.assert(
      fc.property(fc.nat(15), (at) => {
        const other = numbers.slice();
        new Uint32Array(other.buffer)[at] = (new Uint32Array(numbers.buffer)[at] ?? 0) ^ 1;
        const shape = [16];
        return tensorDigest({ shape, data: other }) !== tensorDigest({ shape, data: numbers });
      }),
    );
  });

  it('differ by modality, model and precision', () => {
    const digest = tensorDigest({ shape: [16], data: numbers });
    const scope = scopeOf('model', 'fp32');
    const keys = [
      contentKey(scope, { modality: 'image', digest }),
      contentKey(scope, { modality: 'video', digest }),
      contentKey(scopeOf('model', 'int8'), { modality: 'image', digest }),
      contentKey(scopeOf('other', 'fp32'), { modality: 'image', digest }),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
