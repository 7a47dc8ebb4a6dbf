import type { Figures } from '../report/result.ts';
import type { AskedAll } from './ask-all.ts';
import type { Comparison } from './compare.ts';
import { type HeldOut, subjects } from './question-set.ts';
import { share, tally, tallyFamilies, tallyOf } from './tally.ts';

/** The figures of the bench; shares are from 0 to 1, all others are counts. */
export const panelFigures = (
  questions: readonly HeldOut[],
  fp32: AskedAll,
  int8: AskedAll,
  comparison: Comparison,
): Figures => {
  const failed = [...fp32.given, ...int8.given].filter(({ kind }) => kind === 'failed');
  const families = Object.entries(tallyFamilies(questions, fp32.given));
  return {
    exact_match: share(tally(questions, fp32.given)),
    questions: questions.length,
    exact_match_int8: share(tally(questions, int8.given)),
    ...Object.fromEntries(
      subjects.map((subject) => [
        `exact_match_${subject}`,
        share(tallyOf(subject, questions, fp32.given)),
      ]),
    ),
    identical_texts: comparison.identical,
    compared_texts: comparison.compared,
    requests_failed: failed.length,
    decode_batch_max: fp32.decodeBatchMax,
    ...Object.fromEntries(
      families.map(([family, counts]) => [
        `exact_match_${family.replaceAll('-', '_')}`,
        share(counts),
      ]),
    ),
  };
};
