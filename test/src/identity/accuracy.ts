import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { shippedModelDir } from '@isotherm/stack';
import type { FixtureQuestion } from '../harness/fixture.ts';

/**
 * Least share of the fixture's questions that must be answered word for word: what the card
 * promises. The model is better than that by more than three standard errors of 300 questions.
 */
const exactMatchMin = 0.95;

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
