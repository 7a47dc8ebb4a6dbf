import { type Random, seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import type { Grammar, Sampling } from '../contract.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import type { MonolithMessage } from '../reference/monolith-calls.ts';
import { mediaFile } from './media-files.ts';
import { randomSchema } from './random-schema.ts';
import { testAnimation, testImage } from './test-image.ts';

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

export interface Question {
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

/** Conversations that a model can be asked, the same ones each time. */
export const questionsFor = async (dir: string, count: number): Promise<readonly Question[]> => {
  const files = await mediaFilesFor(dir);
  return Promise.all(Array.from({ length: count }, (_, seed) => questionOf(seed, files)));
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
