import type { Given } from './ask-all.ts';
import type { HeldOut } from './question-set.ts';
import { isRight } from './tally.ts';

/** A wrong answer, to look at. */
export interface Failure {
  readonly family: string;
  /** Files; their number is the seed that makes them again. */
  readonly media: readonly string[];
  readonly question: string;
  readonly answer: string;
  readonly given: Given | undefined;
}

const perFamilyMax = 3;

/** The first few wrong answers of every family. */
export const failuresOf = (
  questions: readonly HeldOut[],
  given: readonly Given[],
): readonly Failure[] => {
  const shown = new Map<string, number>();
  return questions.flatMap((question, index): Failure[] => {
    const { family, answer } = question;
    const media = question.media.flatMap(({ names }) => names);
    const count = shown.get(family) ?? 0;
    if (isRight(question, given[index]) || count >= perFamilyMax) return [];
    shown.set(family, count + 1);
    return [{ family, media, question: question.question, answer, given: given[index] }];
  });
};
