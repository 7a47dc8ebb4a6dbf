import { percentile, round } from '../report/percentiles.ts';
import type { Replayed, TimedAnswer } from './replay.ts';

/** What live and simulated runs are compared by. */
export interface RunFigures {
  readonly ttftP50Ms: number;
  readonly ttftP99Ms: number;
  readonly tbtP50Ms: number;
  readonly tbtP99Ms: number;
  readonly tokensPerS: number;
}

export type RunErrors = { readonly [Name in keyof RunFigures]: number };

/** The mean gap of each answer of two tokens and more. */
export const gapsOf = (answers: readonly TimedAnswer[]): readonly number[] =>
  answers.flatMap(({ ttftMs, wholeMs, tokens }) =>
    tokens > 1 ? [(wholeMs - ttftMs) / (tokens - 1)] : [],
  );

export const figuresOf = ({
  answers,
  lastedMs,
}: Pick<Replayed, 'answers' | 'lastedMs'>): RunFigures => {
  const firsts = answers.map(({ ttftMs }) => ttftMs);
  const gaps = gapsOf(answers);
  const tokens = answers.reduce((sum, each) => sum + each.tokens, 0);
  return {
    ttftP50Ms: round(percentile(firsts, 0.5)),
    ttftP99Ms: round(percentile(firsts, 0.99)),
    tbtP50Ms: round(percentile(gaps, 0.5)),
    tbtP99Ms: round(percentile(gaps, 0.99)),
    tokensPerS: round((tokens * 1000) / lastedMs),
  };
};

/** Those of a loop that were whole when its time was up: what it does at its end, with fewer in flight, is not its capacity. */
export const answeredWithin = (
  answers: readonly TimedAnswer[],
  seconds: number,
): readonly TimedAnswer[] => answers.filter(({ endedMs = Infinity }) => endedMs <= 1000 * seconds);

/** Simulated ÷ live − 1. */
export const errorsOf = (live: RunFigures, simulated: RunFigures): RunErrors =>
  Object.fromEntries(
    (Object.keys(live) as (keyof RunFigures)[]).map((name) => [
      name,
      round(simulated[name] / live[name] - 1),
    ]),
  ) as unknown as RunErrors;

/** The largest of several runs, whichever its sign. */
export const worst = (errors: readonly RunErrors[], name: keyof RunErrors): number =>
  round(Math.max(...errors.map((each) => Math.abs(each[name]))));
