import type { Given } from './ask-all.ts';
import type { HeldOut, Subject } from './question-set.ts';

/** Right answers among those asked. */
export interface Tally {
  readonly right: number;
  readonly asked: number;
}

/** Whole text against whole answer: no half points, no case folding. */
export const isRight = (question: HeldOut, given: Given | undefined): boolean =>
  given?.kind === 'text' && given.text === question.answer;

export const tally = (questions: readonly HeldOut[], given: readonly Given[]): Tally => ({
  right: questions.filter((question, index) => isRight(question, given[index])).length,
  asked: questions.length,
});

/** Only what is about one subject. */
export const tallyOf = (
  subject: Subject,
  questions: readonly HeldOut[],
  given: readonly Given[],
): Tally => {
  const places = [...questions.keys()].filter((index) => questions[index]?.subject === subject);
  return {
    right: places.filter((index) => {
      const question = questions[index];
      return question !== undefined && isRight(question, given[index]);
    }).length,
    asked: places.length,
  };
};

/** One tally a family, by name. */
export const tallyFamilies = (
  questions: readonly HeldOut[],
  given: readonly Given[],
): Readonly<Record<string, Tally>> => {
  const families: Record<string, { right: number; asked: number }> = {};
  for (const [index, question] of questions.entries()) {
    const family = (families[question.family] ??= { right: 0, asked: 0 });
    family.asked += 1;
    if (isRight(question, given[index])) family.right += 1;
  }
  return Object.fromEntries(Object.entries(families).sort(([a], [b]) => a.localeCompare(b)));
};

/** A share from 0 to 1, cut (never rounded up) after four decimals. */
export const share = ({ right, asked }: Tally): number =>
  Math.floor((right / Math.max(1, asked)) * 10_000) / 10_000;
