import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Grammar, TokenLogprobs } from '../contract.ts';
import type { MonolithAnswer } from '../reference/monolith-calls.ts';
import { createMonolith } from '../reference/run-monolith.ts';
import { answerAll, type Prepared, prepare, type Stages } from '../testing/answer-in-stages.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { type Question, questionsFor } from '../testing/random-questions.ts';
import { loadTextModel } from '../text/text-model.ts';
import { onnxDecodeEngine } from './decode-engine.ts';
import { onnxEncodeEngine } from './encode-engine.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(120_000);

const ajv = new Ajv2020({ strict: false });

/** Whether a text that has ended keeps to its grammar. */
const keepsTo = (text: string, grammar: Grammar): boolean => {
  const schema: unknown =
    grammar.kind === 'jsonObject' ? { type: 'object' } : JSON.parse(grammar.schema);
  return ajv.validate(schema as object, JSON.parse(text));
};

/** Rounding differs with the batch in the last bits, which may also swap two tokens that are level. */
const expectClose = (given: readonly TokenLogprobs[], wanted: readonly TokenLogprobs[]): void => {
  const values = (all: readonly TokenLogprobs[]): readonly number[] =>
    all.flatMap(({ logprob, top }) => [logprob, ...top.map((each) => each.logprob)]);
  const expected = values(wanted);
  expect(values(given)).toHaveLength(expected.length);
  const differences = values(given).map((value, index) => value - (expected[index] ?? Number.NaN));
  expect(Math.max(0, ...differences.map(Math.abs))).toBeLessThan(1e-3);
};

const equalLengths = { how: 'by equal lengths', options: { runner: 'equalLength' } } as const;
const wholeCaches = {
  how: 'with the decoder that gives back the whole cache',
  options: { decoder: 'merged' },
} as const;

describe.each([
  {
    name: 'panel',
    dir: fixtureFolders.panel,
    runner: 'masked',
    count: 100,
    // Only panel has a decoder that gives back less.
    others: [equalLengths, wholeCaches],
  },
  {
    name: 'panel-x',
    dir: fixtureFolders.panelX,
    runner: 'masked',
    count: 80,
    others: [equalLengths],
  },
  {
    name: 'tiny-idefics3',
    dir: fixtureFolders.idefics3,
    runner: 'masked',
    count: 60,
    others: [equalLengths],
  },
  {
    name: 'tiny-grouped',
    dir: fixtureFolders.grouped,
    runner: 'inPlace',
    count: 80,
    others: [equalLengths],
  },
])('stages of $name', ({ dir, runner, count, others }) => {
  let stages: Stages;
  let questions: readonly Question[];
  let prepared: readonly Prepared[];
  let expected: readonly MonolithAnswer[];
  const opened: { close(): Promise<void> }[] = [];
  /** Closes it after the last case, also where another one could not be opened. */
  const open = async <Closable extends { close(): Promise<void> }>(
    opening: Promise<Closable>,
  ): Promise<Closable> => {
    const one = await opening;
    opened.push(one);
    return one;
  };
  beforeAll(async () => {
    const [text, encode, prefill, decode, monolith] = await Promise.all([
      loadTextModel(dir),
      open(onnxEncodeEngine({ modelDir: dir })),
      open(onnxPrefillEngine({ modelDir: dir })),
      open(onnxDecodeEngine({ modelDir: dir, slots: 32 })),
      open(createMonolith({ modelDir: dir })),
    ]);
    stages = { text, encode, prefill, decode };
    questions = await questionsFor(dir, count);
    expected = await Promise.all(
      questions.map(({ message, tokensMax, sampling, grammar }) =>
        monolith.answer([message], { tokensMax, sampling, grammar }),
      ),
    );
    const ready: Prepared[] = [];
    for (const question of questions) ready.push(await prepare(stages, question));
    prepared = ready;
  });
  afterAll(() => Promise.all(opened.map((one) => one.close())));

  it('give the tokens of the monolith in mixed batches, with joins, leaves and migrations', async () => {
    expect(stages.decode.runner).toBe(runner);
    const all = await answerAll(stages, prepared, seededRandom(1));
    const { answers, logprobs, widest, migrations } = all;
    expect(answers).toEqual(expected.map((answer) => answer.tokens));
    logprobs.forEach((own, index) => expectClose(own, expected[index]?.logprobs ?? []));
    expect(logprobs.flat().length).toBeGreaterThan(100);
    expect(widest).toBeGreaterThan(24);
    expect(migrations).toBeGreaterThan(5);
  });

  it.each(others)('give the same where batches are run $how', async ({ options }) => {
    const decode = await open(onnxDecodeEngine({ modelDir: dir, slots: 32, ...options }));
    const some = prepared.slice(0, 30);
    const { answers } = await answerAll({ ...stages, decode }, some, seededRandom(2));
    expect(answers).toEqual(expected.slice(0, 30).map((answer) => answer.tokens));
  });

  it('keep to the grammars of their questions', () => {
    const end = stages.text.facts.endOfTextTokens;
    const ended = expected.flatMap(({ text, tokens }, index) => {
      const grammar = questions[index]?.grammar;
      return grammar !== undefined && end.includes(tokens.at(-1) ?? -1) ? [{ text, grammar }] : [];
    });
    expect(ended.filter(({ text, grammar }) => !keepsTo(text, grammar))).toEqual([]);
    expect(ended.length).toBeGreaterThan(count / 20);
  });

  it('give the same where prompts begin with what others, or they themselves, have left', async () => {
    const bytesMax = 20_000_000;
    const prefixes = { bytesMax, blockTokens: 4 };
    const prefill = await open(onnxPrefillEngine({ modelDir: dir, prefixes }));
    const some = prepared.slice(0, 10);
    const twice = [...some, ...some];
    const { answers } = await answerAll({ ...stages, prefill }, twice, seededRandom(3));
    const tokens = expected.slice(0, 10).map((answer) => answer.tokens);
    expect(answers).toEqual([...tokens, ...tokens]);
    const { hits = 0, bytes = bytesMax } = prefill.prefixes?.status() ?? {};
    expect(hits).toBeGreaterThanOrEqual(8);
    expect(bytes).toBeLessThanOrEqual(bytesMax);
  });

  it('give the text of the monolith', () => {
    for (const { tokens, text } of expected) {
      const detokenizer = stages.text.detokenizer();
      const end = stages.text.facts.endOfTextTokens;
      const pieces = tokens
        .filter((token) => !end.includes(token))
        .map((token) => detokenizer.push(token));
      expect(pieces.join('') + detokenizer.end()).toBe(text);
    }
  });
});
