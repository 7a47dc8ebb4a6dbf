import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createExpressions } from './expression.ts';
import { createTokenGrammar } from './token-grammar.ts';
import { createTokenVocabulary } from './token-trie.ts';

/** A text of x and y with the number of each bounded, so that many tokens go on and many do not. */
const expression = () => {
  const { sequence, repeat, literal, choice } = createExpressions();
  const pair = choice([literal('xy'), literal('yx'), literal('xxyy')]);
  return sequence(repeat(pair, 1, 4), literal('x'));
};

describe('the trie of a vocabulary', () => {
  it('gives the tokens whose bytes can come, as trying each of them does', () => {
    const word = fc.string({ unit: fc.constantFrom('x', 'y'), minLength: 1, maxLength: 6 });
    const words = fc.array(word, { minLength: 1, maxLength: 31 });
    fc.assert(
      fc.property(words, fc.array(fc.nat(), { maxLength: 5 }), (words, choices) => {
        const bytes = words.map((each) => new TextEncoder().encode(each));
        const vocabulary = createTokenVocabulary([undefined, ...bytes], [0]);
        const grammar = createTokenGrammar(expression(), vocabulary);
        const said: number[] = [];
        const canCome = (token: number): boolean => {
          try {
            grammar.begin([...said, token]);
            return true;
          } catch {
            return false;
          }
        };
        for (const choice of [...choices, 0]) {
          const [mask] = grammar.begin(said).allowed();
          const tried = vocabulary.tokenBytes.flatMap((_, token) =>
            canCome(token) ? [token] : [],
          );
          const marked = vocabulary.tokenBytes.flatMap((_, token) =>
            (((mask ?? 0) >>> token) & 1) === 1 ? [token] : [],
          );
          expect(marked).toEqual(tried);
          const next = tried.filter((token) => token !== 0)[choice % Math.max(1, tried.length)];
          if (next === undefined) return;
          said.push(next);
        }
      }),
    );
  });
});
