import { round } from '../report/percentiles.ts';
import type { TimedAnswer } from './replay.ts';
import type { TracedRequest } from './trace.ts';

/** What a row of a raw result says of a request, times in milliseconds. */
export const rowColumns =
  'at, images, text tokens, answer tokens, live first token, live whole, simulated first token, simulated whole';

/** A line for each request: a raw result of thousands stays small, and can be read. */
export const requestRows = (
  requests: readonly Omit<TracedRequest, 'body'>[],
  atMs: readonly number[],
  live: readonly TimedAnswer[],
  simulated: readonly TimedAnswer[],
): readonly string[] => {
  const timesOf = (answers: readonly TimedAnswer[]) => {
    const byIndex = new Map(answers.map((answer) => [answer.index, answer]));
    return (index: number): readonly number[] => {
      const { ttftMs = Number.NaN, wholeMs = Number.NaN } = byIndex.get(index) ?? {};
      return [round(ttftMs), round(wholeMs)];
    };
  };
  const [liveTimes, simulatedTimes] = [timesOf(live), timesOf(simulated)];
  return requests.map(({ images, textTokens, answerTokens }, index) =>
    [
      ...[round(atMs[index] ?? Number.NaN), images, textTokens, answerTokens],
      ...liveTimes(index),
      ...simulatedTimes(index),
    ].join(', '),
  );
};
