import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type {
  DecodedToken,
  Embedding,
  EmbeddingName,
  EncodeEngine,
  Grammar,
  PrefillEngine,
  PrefixMedium,
  Prompt,
  Sampling,
  Tensor,
  TextModel,
  TokenLogprobs,
} from '../contract.ts';
import { inspectMedium, type UncountedMedium } from '../media/inspect-medium.ts';
import type { MonolithAnswer, MonolithMessage } from '../reference/monolith-calls.ts';
import { createMonolith } from '../reference/run-monolith.ts';
import { randomSchema } from '../testing/random-schema.ts';
import { fixtureFolders } from '../testing/fixture-folders.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { mediaFile } from '../testing/media-files.ts';
import { testAnimation, testImage } from '../testing/test-image.ts';
import { loadTextModel } from '../text/text-model.ts';
import { type OnnxDecodeEngine, onnxDecodeEngine } from './decode-engine.ts';
import { onnxEncodeEngine } from './encode-engine.ts';
import { onnxPrefillEngine } from './prefill-engine.ts';

jest.setTimeout(120_000);

const never = new AbortController().signal;
const words = [
  'which',
  'rack',
  'is',
  'hottest',
  'how',
  'many',
  'red',
  'circles',
  '?',
  'é',
  '7',
  '42',
];

interface Question {
  readonly message: MonolithMessage;
  readonly tokensMax: number;
  readonly sampling: Sampling;
  readonly grammar: Grammar | undefined;
}

interface MediaFile {
  readonly kind: 'audio' | 'video';
  readonly bytes: Uint8Array;
}

/** The sounds and clips of the fixtures, for a model that takes them. */
const mediaFilesFor = async (dir: string): Promise<readonly MediaFile[]> => {
  if ((await readModelFolder(dir)).audio === undefined) return [];
  const names = ['tone.flac', 'tone.mp3', 'tone-vorbis.ogg', 'tone-opus.ogg', 'tone-float.wav'];
  const sounds = names.map(async (name) => ({
    kind: 'audio' as const,
    bytes: await mediaFile(name),
  }));
  const clips = [3, 4, 11].map(async (frames) => ({
    kind: 'video' as const,
    bytes: await testAnimation(frames),
  }));
  return Promise.all([...sounds, ...clips]);
};

/**
 * A conversation of one turn: up to three pictures, for a model that takes them up to two sounds and clips, and up to
 * twelve words; greedy or drawn.
 */
const questionOf = async (seed: number, files: readonly MediaFile[]): Promise<Question> => {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pictures = [0, 1, 1, 1, 2, 3][below(6)] ?? 1;
  const images = Array.from({ length: pictures }, () =>
    testImage(below(1e6), 20 + below(150), 20 + below(150)),
  );
  const text = Array.from({ length: 1 + below(12) }, () => words[below(words.length)]).join(' ');
  return {
    message: {
      role: 'user',
      parts: [
        ...(await Promise.all(images)).map((bytes) => ({ kind: 'image' as const, bytes })),
        ...Array.from({ length: below(3) }, () => files[below(files.length)] ?? []).flat(),
        { kind: 'text', text },
      ],
    },
    tokensMax: 1 + below(40),
    sampling: samplingOf(random),
    grammar: random() < 0.3 ? grammarOf(seed) : undefined,
  };
};

const grammarOf = (seed: number): Grammar => {
  if (seed % 8 === 0) return { kind: 'jsonObject' };
  const [schema] = fc.sample(randomSchema, { numRuns: 1, seed });
  return { kind: 'jsonSchema', schema: JSON.stringify(schema) };
};

/** Whether a text that has ended keeps to its grammar. */
const keepsTo = (text: string, grammar: Grammar): boolean => {
  const schema: unknown =
    grammar.kind === 'jsonObject' ? { type: 'object' } : JSON.parse(grammar.schema);
  return new Ajv2020({ strict: false }).validate(schema as object, JSON.parse(text));
};

/** Greedy or drawn, and each further parameter with some chance. */
const samplingOf = (random: Random): Sampling => {
  const below = (count: number): number => Math.floor(random() * count);
  const may = <Value extends object>(value: Value): Value | object =>
    random() < 0.25 ? value : {};
  const drawn = {
    temperature: 0.5 + 3 * random(),
    topP: random() < 0.5 ? 1 : 0.9,
    seed: below(2 ** 32),
    ...may({ topK: 1 + below(40) }),
    ...may({ minP: random() * 0.2 }),
  };
  return {
    ...(random() < 0.4 ? { temperature: 0, topP: 1, seed: 0 } : drawn),
    ...may({ repetitionPenalty: 0.8 + random() }),
    ...may({ presencePenalty: 4 * random() - 2 }),
    ...may({ frequencyPenalty: 4 * random() - 2 }),
    ...may({ logitBias: { [20 + below(200)]: 8 * random() - 2, [2]: -3 } }),
    ...may({ topLogprobs: below(6) }),
  };
};

interface Stages {
  readonly text: TextModel;
  readonly encode: EncodeEngine;
  readonly prefill: PrefillEngine;
  readonly decode: OnnxDecodeEngine;
}

interface Prepared extends Question {
  readonly prompt: Prompt;
  readonly embeddings: readonly Embedding[];
  readonly media: readonly PrefixMedium[];
}

const prepare = async ({ text, encode }: Stages, question: Question): Promise<Prepared> => {
  const given = question.message.parts.flatMap((part): readonly UncountedMedium[] => {
    if (part.kind === 'text') return [];
    if (part.kind === 'frames') return [{ ...part, modality: 'video' }];
    return [{ kind: 'file', modality: part.kind, bytes: part.bytes }];
  });
  const inspected = await Promise.all(given.map((medium) => inspectMedium(medium)));
  const sizes = inspected.values();
  const parts = question.message.parts.map((part) =>
    part.kind === 'text' ? part : (sizes.next().value ?? { kind: 'text' as const, text: '' }),
  );
  const prompt = text.prompt([{ role: question.message.role, parts }]);
  const media = given.map((medium, index) => ({
    ...medium,
    tokens: prompt.mediaTokens[index] ?? 0,
  }));
  const keys: string[] = [];
  const note = (index: number, { contentKey }: EmbeddingName): undefined => {
    keys[index] = contentKey;
  };
  const outcomes = media.length === 0 ? [] : await encode.encode(media, never, note);
  const embeddings = outcomes.map((outcome) => {
    if (outcome.kind === 'failed') throw outcome.fault;
    return outcome.value;
  });
  const named = media.map(({ tokens }, index) => ({ key: keys[index] ?? '', tokens }));
  return { ...question, prompt, embeddings, media: named };
};

/**
 * Answers all questions through the stages in one running batch. Sequences join whenever chance says so, and some are
 * thrown out in the middle of their answer, to be prefilled again with what they have said so far.
 */
const answerAll = async (
  stages: Stages,
  questions: readonly Prepared[],
  random: Random,
): Promise<{
  readonly answers: readonly (readonly number[])[];
  readonly logprobs: readonly (readonly TokenLogprobs[])[];
  readonly widest: number;
  readonly migrations: number;
}> => {
  const answers: number[][] = questions.map(() => []);
  const logprobs: TokenLogprobs[][] = questions.map(() => []);
  const say = (index: number, token: number, own: TokenLogprobs | undefined): void => {
    answers[index]?.push(token);
    if (own !== undefined) logprobs[index]?.push(own);
  };
  const waiting = questions.map((_, index) => index);
  const running = new Set<number>();
  let widest = 0;
  let migrations = 0;

  const join = async (index: number): Promise<void> => {
    const question = questions[index];
    const answer = answers[index];
    if (question === undefined || answer === undefined) return;
    const { prompt, embeddings, media, sampling, grammar, tokensMax } = question;
    const tokenIndex = answer.length;
    const tokenIds = Int32Array.from([...prompt.tokenIds, ...answer]);
    const first = await stages.prefill.prefill(
      { tokenIds, embeddings, media, sampling, grammar, tokenIndex },
      never,
    );
    const { token, kvCache, history } = first;
    say(index, token, first.logprobs);
    if (first.endOfText || answer.length >= tokensMax) return;
    const left = tokensMax - answer.length;
    await stages.decode.join(String(index), {
      kvCache,
      token,
      tokenIndex,
      tokensMax: left,
      sampling,
      grammar,
      history,
    });
    running.add(index);
  };
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0 && running.size < stages.decode.slots && random() < 0.95) {
      await join(waiting.shift() ?? 0);
    }
    widest = Math.max(widest, running.size);
    for (const step of await stages.decode.step()) {
      const { sequence, token, tokenIndex, finish } = step;
      expect(tokenIndex).toBe(answers[Number(sequence)]?.length);
      say(Number(sequence), token, step.logprobs);
      if (finish !== undefined) running.delete(Number(sequence));
    }
    for (const index of [...running]) {
      if (random() >= 0.04) continue;
      await stages.decode.leave(String(index));
      running.delete(index);
      waiting.push(index);
      migrations += 1;
    }
  }
  return { answers, logprobs, widest, migrations };
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

describe.each([
  { name: 'panel', dir: fixtureFolders.panel, runner: 'masked', count: 120 },
  { name: 'panel-x', dir: fixtureFolders.panelX, runner: 'masked', count: 120 },
  { name: 'tiny-idefics3', dir: fixtureFolders.idefics3, runner: 'masked', count: 60 },
  { name: 'tiny-grouped', dir: fixtureFolders.grouped, runner: 'inPlace', count: 120 },
])('stages of $name', ({ dir, runner, count }) => {
  let stages: Stages;
  let questions: readonly Question[];
  let expected: readonly MonolithAnswer[];
  beforeAll(async () => {
    const files = await mediaFilesFor(dir);
    questions = await Promise.all(
      Array.from({ length: count }, (_, seed) => questionOf(seed, files)),
    );
    const monolith = await createMonolith({ modelDir: dir });
    expected = await Promise.all(
      questions.map(({ message, tokensMax, sampling, grammar }) =>
        monolith.answer([message], { tokensMax, sampling, grammar }),
      ),
    );
    await monolith.close();
    const [text, encode, prefill, decode] = await Promise.all([
      loadTextModel(dir),
      onnxEncodeEngine({ modelDir: dir }),
      onnxPrefillEngine({ modelDir: dir }),
      onnxDecodeEngine({ modelDir: dir, slots: 32 }),
    ]);
    stages = { text, encode, prefill, decode };
  });
  afterAll(async () => {
    await Promise.all(
      [stages.encode, stages.prefill, stages.decode].map((engine) => engine.close()),
    );
  });

  it('give the tokens of the monolith in mixed batches, with joins, leaves and migrations', async () => {
    expect(stages.decode.runner).toBe(runner);
    const prepared = [];
    for (const question of questions) prepared.push(await prepare(stages, question));
    const all = await answerAll(stages, prepared, seededRandom(1));
    const { answers, logprobs, widest, migrations } = all;
    expect(answers).toEqual(expected.map((answer) => answer.tokens));
    logprobs.forEach((own, index) => expectClose(own, expected[index]?.logprobs ?? []));
    expect(logprobs.flat().length).toBeGreaterThan(100);
    expect(widest).toBeGreaterThan(24);
    expect(migrations).toBeGreaterThan(5);
  });

  it.each([
    { how: 'by equal lengths', options: { runner: 'equalLength' } as const },
    {
      how: 'with the decoder that gives back the whole cache',
      options: { decoder: 'merged' } as const,
    },
  ])('give the same where batches are run $how', async ({ options }) => {
    const other = await onnxDecodeEngine({ modelDir: dir, slots: 32, ...options });
    const some = questions.slice(0, 30);
    const prepared = [];
    for (const question of some) prepared.push(await prepare(stages, question));
    const { answers } = await answerAll({ ...stages, decode: other }, prepared, seededRandom(2));
    expect(answers).toEqual(expected.slice(0, 30).map((answer) => answer.tokens));
    await other.close();
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
    const prefill = await onnxPrefillEngine({ modelDir: dir, prefixes });
    const some = questions.slice(0, 10);
    const prepared = [];
    for (const question of some) prepared.push(await prepare(stages, question));
    const twice = [...prepared, ...prepared];
    const { answers } = await answerAll({ ...stages, prefill }, twice, seededRandom(3));
    const tokens = expected.slice(0, 10).map((answer) => answer.tokens);
    expect(answers).toEqual([...tokens, ...tokens]);
    const { hits = 0, bytes = bytesMax } = prefill.prefixes?.status() ?? {};
    expect(hits).toBeGreaterThanOrEqual(8);
    expect(bytes).toBeLessThanOrEqual(bytesMax);
    await prefill.close();
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

describe('faults of the stages', () => {
  const dir = fixtureFolders.panel;
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  const input = { tokenIds: Int32Array.of(1, 20, 30), embeddings: [], sampling, tokenIndex: 0 };

  it('one bad picture fails alone', async () => {
    const encode = await onnxEncodeEngine({ modelDir: dir });
    const good = await testImage(1);
    const held = Buffer.alloc(good.length);
    held.set(good);
    const files = [good, new Uint8Array(0), good.subarray(0, 60), Buffer.from('<svg/>'), held];
    const media = files.map((bytes) => ({
      kind: 'file' as const,
      modality: 'image' as const,
      bytes,
      tokens: 36,
    }));
    const outcomes = await encode.encode(
      [...media, { ...media[0], kind: 'file', modality: 'image', bytes: good, tokens: 35 }],
      never,
    );
    expect(
      outcomes.map((outcome) => (outcome.kind === 'done' ? 'done' : outcome.fault.code)),
    ).toEqual([
      'done',
      'invalid_argument',
      'invalid_argument',
      'invalid_argument',
      'done',
      'invalid_argument',
    ]);
    const [first, , , , last] = outcomes;
    expect(first?.kind === 'done' && first.value).toEqual(last?.kind === 'done' && last.value);
    // The caller keeps its bytes, also in a Buffer.
    expect([good.length > 0, held.length]).toEqual([true, good.length]);
    const tooMany = Array.from({ length: 9 }, () => media[0]).flatMap((each) => each ?? []);
    await expect(encode.encode(tooMany, never)).rejects.toMatchObject({ code: 'invalid_argument' });
    await encode.close();
    await expect(encode.encode(media, never)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('prefill refuses what does not fit and drops what is cancelled', async () => {
    const prefill = await onnxPrefillEngine({ modelDir: dir, contextMax: 50 });
    const row: Tensor = {
      name: 'x',
      dataType: 'float32',
      shape: [1, 128],
      data: new Float32Array(128),
    };
    const refusals = [
      { ...input, embeddings: [[row]] },
      { ...input, tokenIds: Int32Array.of(1, 3) },
      { ...input, tokenIds: Int32Array.of(3), embeddings: [[{ ...row, shape: [2, 64] }]] },
      { ...input, tokenIds: Int32Array.of(100_000) },
      { ...input, tokenIds: new Int32Array(0) },
    ];
    for (const refused of refusals) {
      await expect(prefill.prefill(refused, never)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
    await expect(
      prefill.prefill({ ...input, tokenIds: new Int32Array(50) }, never),
    ).rejects.toMatchObject({ code: 'context_length_exceeded' });
    const running = prefill.prefill(input, never);
    const controller = new AbortController();
    const waiting = prefill.prefill(input, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect((await running).kvCache).toHaveLength(8);
    await prefill.close();
  });

  it('decode refuses what does not fit, and the caller keeps its tensors', async () => {
    const prefill = await onnxPrefillEngine({ modelDir: dir });
    const decode = await onnxDecodeEngine({ modelDir: dir, slots: 1, contextMax: 20 });
    const { kvCache, token } = await prefill.prefill(input, never);
    const start = { kvCache, token, tokenIndex: 0, tokensMax: 3, sampling };
    await expect(decode.join('a', { ...start, kvCache: kvCache.slice(1) })).rejects.toThrow(
      /needs past_key_values.0.key/,
    );
    await expect(decode.join('a', { ...start, tokensMax: 17 })).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
    await decode.join('a', start);
    await expect(decode.join('a', start)).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(decode.join('b', start)).rejects.toMatchObject({ code: 'saturated' });
    await decode.leave('nobody');
    const tokens: DecodedToken[] = [];
    while (tokens.at(-1)?.finish === undefined) tokens.push(...(await decode.step()));
    expect(await decode.step()).toEqual([]);
    await decode.join('b', start);
    await decode.leave('b');
    expect(await decode.step()).toEqual([]);
    await Promise.all([prefill.close(), decode.close()]);
    await expect(decode.step()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('a model that is not there is refused with its reason', async () => {
    const missing = { modelDir: dir, precision: 'q4' } as const;
    await expect(onnxDecodeEngine(missing)).rejects.toThrow(/decoder_model_merged_q4/);
    await expect(onnxEncodeEngine(missing)).rejects.toThrow(/vision_encoder_q4/);
    await expect(onnxPrefillEngine({ modelDir: '/nowhere' })).rejects.toThrow(/no config.json/);
  });
});
