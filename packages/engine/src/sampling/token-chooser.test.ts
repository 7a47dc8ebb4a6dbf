import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import type { Sampling } from '../contract.ts';
import { loadGrammars } from '../grammar/grammars.ts';
import { createTokenVocabulary } from '../grammar/token-trie.ts';
import { createTokenChooser, resumeTokenChooser } from './token-chooser.ts';
import { historyOf } from './token-history.ts';

const greedy: Sampling = { temperature: 0, topP: 1, seed: 0 };
const drawn: Sampling = { temperature: 1, topP: 1, seed: 7 };

/** Two marks, then a token for each byte. */
const grammars = await loadGrammars(async () =>
  createTokenVocabulary(
    [undefined, undefined, ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))],
    [0],
  ),
);

const logitsOf = (seed: number, count = 40): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => 6 * random() - 3);
};

/** Tokens that are drawn at all in many draws. */
const support = (logits: Float32Array, sampling: Sampling): readonly number[] => {
  const tokens = new Set<number>();
  const chooser = createTokenChooser({ sampling, history: undefined, generated: 0 });
  for (let index = 0; index < 3000; index++) tokens.add(chooser.choose(logits, index).token);
  return [...tokens].sort((a, b) => a - b);
};

describe('createTokenChooser', () => {
  it('keeps the top-k likeliest tokens', () => {
    const logits = Float32Array.of(1, 3, 2, 3, 0);
    expect(support(logits, { ...drawn, topK: 1 })).toEqual([1]);
    expect(support(logits, { ...drawn, topK: 3 })).toEqual([1, 2, 3]);
    expect(support(logits, { ...drawn, topK: 0 })).toEqual([0, 1, 2, 3, 4]);
    expect(support(logits, { ...drawn, topK: 99 })).toEqual([0, 1, 2, 3, 4]);
  });

  it('drops what has less than min-p of the likeliest, after temperature', () => {
    const logits = Float32Array.from([1, 0.5, 0.2, 0.05], Math.log);
    expect(support(logits, { ...drawn, minP: 0.15 })).toEqual([0, 1, 2]);
    // Twice the temperature takes the root of each ratio.
    expect(support(logits, { ...drawn, temperature: 2, minP: 0.15 })).toEqual([0, 1, 2, 3]);
  });

  it('takes top-p of what top-k has left', () => {
    const logits = Float32Array.from([0.4, 0.3, 0.2, 0.1], Math.log);
    expect(support(logits, { ...drawn, topK: 2, topP: 0.5 })).toEqual([0]);
    expect(support(logits, { ...drawn, topK: 2, topP: 0.6 })).toEqual([0, 1]);
    expect(support(logits, { ...drawn, topP: 0.6 })).toEqual([0, 1]);
  });

  it('takes repetition off by sign, for prompt and answer, and not for media', () => {
    const sampling = { ...greedy, repetitionPenalty: 2 };
    const history = historyOf(Int32Array.of(9, 0, 9, 9), 1, (token) => token === 9);
    expect([...history]).toEqual([-1, 0, -1, 9]);
    const chooser = createTokenChooser({
      sampling,
      history: Int32Array.of(-1, 0, 1),
      generated: 1,
    });
    // 4 / 2 = 2 for the prompt's, -1 * 2 = -2 for the answer's: the third is the highest then.
    expect(chooser.choose(Float32Array.of(4, -1, 3), 1).token).toBe(2);
    expect(chooser.choose(Float32Array.of(4, -1, 3), 2).token).toBe(0);
    expect(chooser.choose(Float32Array.of(-4, -1, -3), 3).token).toBe(1);
  });

  it('takes presence off once and frequency off each time, for the answer only', () => {
    const history = Int32Array.of(0, 1, 1);
    const choose = (sampling: Partial<Sampling>, logits: Float32Array): number =>
      createTokenChooser({ sampling: { ...greedy, ...sampling }, history, generated: 2 }).choose(
        logits,
        2,
      ).token;
    expect(choose({ presencePenalty: 2 }, Float32Array.of(1, 2.5, 0))).toBe(0);
    expect(choose({ presencePenalty: 1 }, Float32Array.of(1, 2.5, 0))).toBe(1);
    expect(choose({ frequencyPenalty: 1 }, Float32Array.of(1, 2.5, 0))).toBe(0);
    expect(choose({ frequencyPenalty: -1 }, Float32Array.of(3, 2.5, 0))).toBe(1);
  });

  it('adds biases, and those of tokens that do not exist to nothing', () => {
    const sampling = { ...greedy, logitBias: { 1: 5, 99: 100 } };
    const chooser = createTokenChooser({ sampling, history: undefined, generated: 0 });
    expect(chooser.choose(Float32Array.of(3, 0, 1), 0).token).toBe(1);
  });

  it('goes on elsewhere as it would have here', async () => {
    const parameters = fc.record({
      temperature: fc.constantFrom(0, 0.7, 2),
      topP: fc.constantFrom(0.8, 1),
      topK: fc.nat(10),
      minP: fc.constantFrom(0, 0.1),
      seed: fc.nat(),
      repetitionPenalty: fc.constantFrom(0.9, 1, 1.5),
      presencePenalty: fc.constantFrom(-1, 0, 1),
      frequencyPenalty: fc.constantFrom(-0.5, 0, 0.5),
    });
    await fc.assert(
      fc.asyncProperty(parameters, fc.integer({ min: 1, max: 19 }), async (sampling, cut) => {
        const prompt = Int32Array.of(3, -1, 5);
        const whole = createTokenChooser({ sampling, history: prompt, generated: 0 });
        const tokens = Array.from({ length: 20 }, (_, i) => whole.choose(logitsOf(i), i).token);
        const said = Int32Array.from([...prompt, ...tokens.slice(0, cut - 1)]);
        const token = tokens[cut - 1] ?? 0;
        const start = { kvCache: [], token, tokenIndex: cut - 1, tokensMax: 20, sampling };
        const resumed = await resumeTokenChooser({ ...start, history: said }, grammars);
        const rest = tokens.slice(cut).map((_, i) => resumed.choose(logitsOf(cut + i), cut + i));
        expect(rest.map((each) => each.token)).toEqual(tokens.slice(cut));
      }),
    );
  });

  it('does not go on with penalties where the tokens so far did not come along', async () => {
    const sampling = { ...greedy, presencePenalty: 1 };
    const start = { kvCache: [], token: 1, tokenIndex: 0, tokensMax: 2, sampling };
    await expect(resumeTokenChooser(start, grammars)).rejects.toThrow(/need the tokens so far/);
  });

  it('says only what the grammar allows, then the end, and goes on elsewhere', async () => {
    const grammar = { kind: 'jsonSchema', schema: '{"enum": ["ab", "ac", 7]}' } as const;
    const choose = async (sampling: Sampling): Promise<readonly number[]> => {
      const state = await grammars.stateOf(grammar, []);
      const here = { sampling, history: undefined, generated: 0, grammar: state };
      const first = createTokenChooser(here).choose(logitsOf(1, 258), 0).token;
      const start = { kvCache: [], token: first, tokenIndex: 0, tokensMax: 9, sampling, grammar };
      const there = await resumeTokenChooser({ ...start, history: Int32Array.of(5) }, grammars);
      const tokens = [first];
      for (let index = 1; tokens.at(-1) !== 0 && index < 9; index++) {
        tokens.push(there.choose(logitsOf(index, 258), index).token);
      }
      return tokens;
    };
    const texts = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const tokens = await choose({ ...drawn, temperature: 2, seed });
      texts.add(String.fromCharCode(...tokens.slice(0, -1).map((token) => token - 2)));
    }
    expect(texts).toEqual(new Set(['"ab"', '"ac"', '7']));
  });

  it('reports log-probabilities of the model itself, and only when asked', () => {
    const probabilities = [0.1, 0.6, 0.3];
    const logits = Float32Array.from(probabilities, (each) => Math.log(each) + 2);
    const sampling = { ...greedy, temperature: 2, topK: 1, logitBias: { 0: 100 }, topLogprobs: 2 };
    const chooser = createTokenChooser({ sampling, history: undefined, generated: 0 });
    const { token, logprobs } = chooser.choose(logits, 0);
    expect(token).toBe(0);
    expect(logprobs?.logprob).toBeCloseTo(Math.log(0.1));
    expect(logprobs?.top.map((each) => each.token)).toEqual([1, 2]);
    expect(logprobs?.top[1]?.logprob).toBeCloseTo(Math.log(0.3));
    const silent = createTokenChooser({ sampling: greedy, history: undefined, generated: 0 });
    expect(silent.choose(logits, 0).logprobs).toBeUndefined();
  });
});
