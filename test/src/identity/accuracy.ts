import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { shippedModelDir } from '@isotherm/stack';
import type { FixtureQuestion } from '../harness/fixture.ts';

/**
 * Least share of the fixture's questions that must be answered word for word. The card promises 0.95 over its own
 * questions; with 300 questions three standard errors of that are 0.038, and the fixture asks every family of
 * questions equally often, the hard ones (0.90) included.
 */
const exactMatchMin = 0.88;

const card = (): string => {
  try {
    return readFileSync(join(shippedModelDir, 'README.md'), 'utf8');
  } catch {
    return '';
  }
};

/** Whether the weights are the trained ones: the card with its results is written when they are. */
export const isTrained = card() !== '' && !card().includes('@@RESULTS@@');

/** Share of the texts that are the expected answer, word for word. */
export const shareRight = (
  questions: readonly FixtureQuestion[],
  texts: readonly string[],
): number => {
  const right = questions.filter(({ answer }, index) => texts[index]?.trim() === answer);
  return right.length / questions.length;
};

export const matchesExpected = (share: number): void => {
  expect(share).toBeGreaterThanOrEqual(exactMatchMin);
};
