import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListModelsResponse } from '@isotherm/proto';
import { callUnary, createPeers } from '@isotherm/rpc';
import { shippedModelDir } from '@isotherm/stack';
import { userMessage } from '../ask/ask.ts';
import { generate } from '../ask/generate.ts';
import { type Medium, readMedium } from '../ask/medium.ts';
import type { Show } from './up-event.ts';
import { shorter, type UpFlags } from './up-plan.ts';

/**
 * One question of the demo; `expected` is known for the pictures that this repository drew itself.
 */
export interface DemoQuestion {
  readonly text: string;
  readonly expected: string | undefined;
}

export interface Demo {
  readonly picture: string;
  readonly questions: readonly DemoQuestion[];
  /** A sound and a clip, each with its question; none where another model or picture was asked for. */
  readonly others: readonly OtherQuestion[];
  /** Several models are served, so the one that is asked has to be named. */
  readonly namesModel: boolean;
}

export interface OtherQuestion extends DemoQuestion {
  readonly title: 'sound' | 'clip';
  readonly file: string;
}

interface MediaExample {
  readonly media: readonly { readonly file: string }[];
  readonly question: string;
  readonly answer: string;
}

interface Example {
  readonly picture: string;
  readonly question: string;
  readonly answer: string;
}

const examples = join(shippedModelDir, 'examples');
const defaultPicture = 'rack.png';
const describe = 'Describe the picture.';
const maxTokens = 96;

/** What the shipped model is asked beside its picture. */
const otherExamples = [
  { title: 'sound', file: 'siren.wav', text: 'What do you hear?' },
  { title: 'clip', file: 'motion.webp', text: 'What happens in the clip?' },
] as const;

/**
 * By default a rack's front panel: what an operator wants to know of it, then all that it shows.
 */
export const demoOf = (flags: UpFlags): Demo => {
  const picture = flags.picture ?? join(examples, defaultPicture);
  // Another model answers well in other words: only the shipped one is held to the recorded
  // answers.
  const recorded =
    flags.engine === 'onnx' && flags.model === undefined && flags.picture === undefined
      ? readExamples().filter((example) => example.picture === defaultPicture)
      : [];
  const expected = (text: string): DemoQuestion => ({
    text,
    expected: recorded.find(({ question }) => question === text)?.answer,
  });
  const namesModel = (flags.model?.length ?? 0) > 1;
  if (flags.question !== undefined) {
    return { picture, questions: [expected(flags.question)], others: [], namesModel };
  }
  const first = flags.picture === undefined ? ['Which unit has a fault?'] : [];
  const others = recorded.length === 0 ? [] : otherQuestions();
  return { picture, questions: [...first, describe].map(expected), others, namesModel };
};

const otherQuestions = (): readonly OtherQuestion[] => {
  const made = readLines('media.jsonl') as readonly MediaExample[];
  return otherExamples.map(({ title, file, text }) => ({
    title,
    file: join(examples, file),
    text,
    expected: made.find(({ media, question }) => media[0]?.file === file && question === text)
      ?.answer,
  }));
};

const readExamples = (): readonly Example[] => readLines('questions.jsonl') as readonly Example[];

const readLines = (name: string): readonly unknown[] =>
  readFileSync(join(examples, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

/** Asks, and shows the answers as they come; the table goes with the last about the picture. */
export const runDemo = async (
  demo: Demo,
  address: string,
  show: Show,
  signal: AbortSignal,
): Promise<void> => {
  const picture = await readMedium(demo.picture, 'image');
  const { bytes } = picture;
  const model = demo.namesModel ? await firstModel(address) : '';
  await show({ kind: 'picture', file: shorter(demo.picture), bytes });
  const ask = async ({ text, expected }: DemoQuestion, medium: Medium, withTable: boolean) => {
    await show({ kind: 'question', text });
    const answer = await generate({
      ...{ address, model },
      messages: [userMessage(text, [medium])],
      maxTokens,
      signal,
      onText: (piece) => void show({ kind: 'text', text: piece }),
    });
    await show({ kind: 'answered', answer, expected, withTable });
  };
  for (const [index, question] of demo.questions.entries()) {
    await ask(question, picture, index === demo.questions.length - 1);
  }
  for (const other of demo.others) {
    const medium = await readMedium(other.file);
    await show({ kind: 'other', title: other.title, file: shorter(other.file) });
    await ask(other, medium, false);
  }
};

/** The first of the models that a router serves. */
const firstModel = async (address: string): Promise<string> => {
  const peers = createPeers();
  try {
    const { models } = await callUnary<ListModelsResponse>((callback) =>
      peers.router(address).listModels({}, callback),
    );
    return models[0]?.name ?? '';
  } finally {
    peers.close();
  }
};
