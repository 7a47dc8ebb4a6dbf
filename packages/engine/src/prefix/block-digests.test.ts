import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PrefixMedium } from '../contract.ts';
import { type BlockOptions, blockDigests } from './block-digests.ts';

const place = 9;
const options: BlockOptions = {
  blockTokens: 4,
  placeholders: [place],
  architecture: 'decoder-only',
};

const digests = (
  tokens: readonly number[],
  media: readonly PrefixMedium[] = [],
  { generatedTokens = 0, ...different }: Partial<BlockOptions> & { generatedTokens?: number } = {},
): readonly string[] =>
  blockDigests(
    { tokenIds: Int32Array.from(tokens), generatedTokens, media },
    { ...options, ...different },
  );

/** How many blocks two lists have in common from the start. */
const common = (left: readonly string[], right: readonly string[]): number => {
  const other = left.findIndex((digest, index) => digest !== right[index]);
  return other < 0 ? left.length : other;
};

describe('blockDigests', () => {
  it('covers whole blocks and never the last token', () => {
    expect(
      [3, 4, 5, 8, 9].map((length) => digests(new Array<number>(length).fill(1)).length),
    ).toEqual([0, 0, 1, 1, 2]);
  });

  it('tells the same text with another picture apart, from the block of the picture on', () => {
    const tokens = [1, 2, 3, 4, 5, place, place, 6, 7, 7, 7, 7, 8];
    const one = digests(tokens, [{ key: 'cat', tokens: 2 }]);
    const other = digests(tokens, [{ key: 'dog', tokens: 2 }]);
    expect([one.length, common(one, other)]).toEqual([3, 1]);
    expect(digests(tokens, [{ key: 'cat', tokens: 2 }])).toEqual(one);
  });

  it('tells apart which rows of which picture stand where', () => {
    const tokens = [place, place, place, place, 1];
    const split = (first: string, rows: number, second: string) =>
      digests(tokens, [
        { key: first, tokens: rows },
        { key: second, tokens: 4 - rows },
      ])[0];
    const kinds = [split('a', 2, 'b'), split('b', 2, 'a'), split('a', 1, 'b'), split('a', 3, 'b')];
    expect(new Set(kinds).size).toBe(4);
  });

  it('takes one placeholder for a whole picture where cross-attention reads it', () => {
    const tokens = [1, place, 3, 4, 5, place, 7, 8, 9];
    const after = (first: string, second: string) =>
      digests(
        tokens,
        [
          { key: first, tokens: 36 },
          { key: second, tokens: 36 },
        ],
        { architecture: 'cross-attention' },
      );
    expect(common(after('cat', 'dog'), after('cat', 'cow'))).toBe(1);
    expect(common(after('cat', 'dog'), after('cow', 'dog'))).toBe(0);
    expect(after('cat', 'dog')).toEqual(after('cat', 'dog'));
  });

  it('ends before a picture that it cannot tell from others', () => {
    const tokens = [1, 2, 3, 4, place, 6, 7, 8, 9, 9, 9, 9, 1];
    expect(digests(tokens, [{ key: '', tokens: 1 }])).toHaveLength(1);
    expect(digests(tokens)).toHaveLength(1);
  });

  it('takes a placeholder that was generated for a word', () => {
    const tokens = [1, 2, 3, place, 5];
    const word = digests(tokens, [], { generatedTokens: 2 });
    expect(word).toHaveLength(1);
    expect(digests(tokens, [{ key: 'cat', tokens: 1 }])).not.toEqual(word);
  });

  it('has exactly the blocks in common that the prompts have (property)', () => {
    const tokens = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(tokens, tokens, (left, right) => {
        const same = left.findIndex((token, index) => token !== right[index]);
        const shared = Math.min(same < 0 ? left.length : same, right.length);
        const blocks = [left, right].map((each) => Math.floor(Math.max(0, each.length - 1) / 4));
        const expected = Math.min(Math.floor(shared / 4), ...blocks);
        expect(common(digests(left).slice(0, expected + 1), digests(right))).toBe(expected);
      }),
    );
  });
});
