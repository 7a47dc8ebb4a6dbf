import { expect } from '@jest/globals';
import type { GenerateRequestInput } from '@isotherm/proto';
import type { Deployment } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { type Answer, generate, type GenerateOptions } from '../harness/generate.ts';
import { within } from '../harness/until.ts';

/** Requests in flight, and how far they have come. */
export interface Flight {
  /** Rejects when one has not ended within its bound: nothing may hang. */
  readonly answers: Promise<readonly Answer[]>;
  /** Characters that the slowest request has been sent. */
  leastText(): number;
  /** Whether any request has been sent text. */
  someText(): boolean;
}

/** Requests about different pictures, so that no answer can pass for another's. */
export const pictureRequests = (
  count: number,
  maxTokens: number,
): readonly (GenerateRequestInput & { readonly maxTokens: number })[] =>
  fixtureQuestions()
    .slice(0, count)
    .map(({ bytes, question }, index) => ({
      messages: [{ role: 'user', parts: [{ image: bytes }, { text: `${index}: ${question}` }] }],
      maxTokens,
    }));

const flightMsMax = 20_000;

export const launch = (
  deployment: Deployment,
  requests: readonly GenerateRequestInput[],
  options: Omit<GenerateOptions, 'onText'> = {},
): Flight => {
  const lengths = requests.map(() => 0);
  const answers = requests.map((request, index) =>
    within(
      `the end of request ${index}`,
      flightMsMax,
      generate(deployment, request, {
        ...options,
        onText: (text) => {
          lengths[index] = (lengths[index] ?? 0) + text.length;
        },
      }),
    ),
  );
  return {
    answers: Promise.all(answers),
    leastText: () => Math.min(...lengths),
    someText: () => lengths.some((length) => length > 0),
  };
};

/**
 * Every request was answered, with the text of an undisturbed run: no token doubled, none missing.
 */
export const expectTexts = (answers: readonly Answer[], texts: readonly string[]): void => {
  expect(answers.map(outcomeOf)).toEqual(texts);
};

/**
 * Every request ended right, or with an explicit `unavailable`; what had been sent was right as
 * well.
 */
export const expectTextsOrUnavailable = (
  answers: readonly Answer[],
  texts: readonly string[],
): void => {
  for (const [index, answer] of answers.entries()) {
    if (answer.kind === 'answered') expect(answer.text).toBe(texts[index]);
    else {
      expect(answer.fault.code).toBe('unavailable');
      expect(texts[index]?.startsWith(answer.text)).toBe(true);
    }
  }
};

export const outcomeOf = (answer: Answer): string =>
  answer.kind === 'answered' ? answer.text : `${answer.fault.code}: ${answer.fault.message}`;

export const migrationsOf = (answers: readonly Answer[]): number =>
  answers.reduce(
    (sum, answer) => sum + (answer.kind === 'answered' ? answer.finished.migrations : 0),
    0,
  );
