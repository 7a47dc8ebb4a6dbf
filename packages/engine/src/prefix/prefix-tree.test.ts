import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPrefixTree, type PrefixTree } from './prefix-tree.ts';

/** Digests of a prompt spelled as letters, one a block: each covers all letters up to its own. */
const digestsOf = (letters: string): readonly string[] =>
  Array.from(letters, (_, index) => letters.slice(0, index + 1));

const insert = (tree: PrefixTree<string>, letters: string, bytes = 10): void =>
  tree.insert(digestsOf(letters), bytes, (index) => letters[index] ?? '');

const match = (tree: PrefixTree<string>, letters: string): string =>
  tree.match(digestsOf(letters)).join('');

describe('a prefix tree', () => {
  it('finds the longest beginning that it holds', () => {
    const tree = createPrefixTree<string>({ bytesMax: 1000 });
    insert(tree, 'abcd');
    insert(tree, 'abxy');
    expect(['abcde', 'abx', 'ab', 'b', 'axy', ''].map((each) => match(tree, each))).toEqual([
      'abcd',
      'abx',
      'ab',
      '',
      'a',
      '',
    ]);
    expect([tree.entries, tree.bytes]).toEqual([6, 60]);
  });

  it('drops what was not used for longest, from the leaves', () => {
    const tree = createPrefixTree<string>({ bytesMax: 50 });
    insert(tree, 'abc');
    insert(tree, 'xy');
    match(tree, 'abc');
    insert(tree, 'abcd');
    expect([match(tree, 'xy'), match(tree, 'abcd')]).toEqual(['x', 'abcd']);
    insert(tree, 'pqrs');
    expect([match(tree, 'xy'), match(tree, 'abcd'), match(tree, 'pqrs')]).toEqual([
      '',
      'a',
      'pqrs',
    ]);
    expect(tree.evictions).toBe(5);
  });

  it('keeps the first blocks of a prompt that is larger than all of it', () => {
    const tree = createPrefixTree<string>({ bytesMax: 35 });
    insert(tree, 'abcdef');
    expect(match(tree, 'abcdef')).toBe('abc');
    const none = createPrefixTree<string>({ bytesMax: 0 });
    insert(none, 'abc');
    expect(none.entries).toBe(0);
  });

  it('says once what came and went', () => {
    const tree = createPrefixTree<string>({ bytesMax: 20 });
    insert(tree, 'ab');
    expect(tree.changes()).toEqual({ added: ['a', 'ab'], removed: [] });
    insert(tree, 'xy');
    expect(tree.changes()).toEqual({ added: ['x', 'xy'], removed: ['ab', 'a'] });
    insert(tree, 'p');
    insert(tree, 'xy');
    expect(tree.changes()).toEqual({ added: [], removed: [] });
  });

  it('never holds more bytes than it may, and only whole beginnings (property)', () => {
    const prompt = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    const step = fc.record({ insert: fc.boolean(), prompt, bytes: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.nat(60), (steps, bytesMax) => {
        const tree = createPrefixTree<string>({ bytesMax });
        const held = new Set<string>();
        for (const each of steps) {
          const before = match(tree, each.prompt);
          if (each.insert) insert(tree, each.prompt, each.bytes);
          const { added, removed } = tree.changes();
          for (const digest of removed) expect(held.delete(digest)).toBe(true);
          for (const digest of added) held.add(digest);
          expect(tree.bytes).toBeLessThanOrEqual(bytesMax);
          expect(tree.entries).toBe(held.size);
          for (const digest of held)
            expect(digest.length === 1 || held.has(digest.slice(0, -1))).toBe(true);
          const after = match(tree, each.prompt);
          expect(after.startsWith(before)).toBe(true);
          expect(each.prompt.startsWith(after)).toBe(true);
          expect(held.has(each.prompt.slice(0, after.length + 1))).toBe(
            after === each.prompt && after !== '',
          );
        }
      }),
    );
  });
});
