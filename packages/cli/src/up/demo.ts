import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedModelDir } from '@isotherm/stack';
import { userMessage } from '../ask/ask.ts';
import { generate } from '../ask/generate.ts';
import { readMedium } from '../ask/medium.ts';
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
  if (flags.question !== undefined) return { picture, questions: [expected(flags.question)] };
  const first = flags.picture === undefined ? ['Which unit has a fault?'] : [];
  return { picture, questions: [...first, describe].map(expected) };
};

const readExamples = (): readonly Example[] =>
  readFileSync(join(examples, 'questions.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Example);

/** Asks, and shows the answers as they come; the table goes with the last. */
export const runDemo = async (
  demo: Demo,
  address: string,
  show: Show,
  signal: AbortSignal,
): Promise<void> => {
  const picture = await readMedium(demo.picture, 'image');
  const { bytes } = picture;
  await show({ kind: 'picture', file: shorter(demo.picture), bytes });
  for (const [index, { text, expected }] of demo.questions.entries()) {
    await show({ kind: 'question', text });
    const answer = await generate({
      address,
      messages: [userMessage(text, [picture])],
      maxTokens,
      signal,
      onText: (piece) => void show({ kind: 'text', text: piece }),
    });
    const withTable = index === demo.questions.length - 1;
    await show({ kind: 'answered', answer, expected, withTable });
  }
};
