import { round } from '../report/percentiles.ts';
import { say } from '../report/result.ts';
import { answeredWithin, errorsOf, figuresOf, type RunErrors, type RunFigures } from './compare.ts';
import type { LiveRounds, LiveRun } from './live-rounds.ts';
import { saturatingLanes, type ValidationParameters } from './parameters.ts';
import type { Replayed, TimedAnswer } from './replay.ts';
import { requestRows } from './request-rows.ts';
import { simulateLanes, simulateTrace, type StackModel } from './simulate-trace.ts';

/** Name of the load that is no share of itself: a loop with as many requests in flight as keep all stages busy. */
export const saturated = 'saturated';

/** One load, live and simulated, all rounds together. */
export interface ValidatedLoad {
  /** `50`, or `saturated`: what its figures are named by. */
  readonly name: string;
  readonly requestsPerS: number;
  readonly live: RunFigures;
  readonly simulated: RunFigures;
  readonly errors: RunErrors;
  /** Of each round alone: how far they differ among themselves. */
  readonly roundErrors: readonly RunErrors[];
  readonly failed: number;
  /** How much later than due requests were sent at most. */
  readonly lateMaxMs: number;
  readonly answers: readonly TimedAnswer[];
  readonly simulatedAnswers: readonly TimedAnswer[];
  /** A line for each request. */
  readonly rows: readonly string[];
}

interface Pair {
  readonly run: LiveRun;
  readonly atMs: readonly number[];
  readonly simulated: Pick<Replayed, 'answers' | 'lastedMs'>;
}

/** Every load of all rounds, and the saturated loop last. */
export const validateLoads = (
  { rounds }: LiveRounds,
  { loadShares, saturatedS }: ValidationParameters,
  model: StackModel,
): readonly ValidatedLoad[] => {
  const open = loadShares.map((share, number) => {
    const pairs = rounds.flatMap(({ loads }): readonly Pair[] => {
      const run = loads[number]?.compared;
      if (run === undefined) return [];
      return [{ run, atMs: run.atMs, simulated: simulateTrace(model, run.requests, run.atMs) }];
    });
    return compared(String(Math.round(100 * share)), pairs);
  });
  const closed = rounds.map(({ saturated: run }): Pair => {
    const how = { lanes: saturatingLanes, seconds: saturatedS };
    const seen = simulateLanes(model, run.requests, how);
    const within = ({ answers }: Pick<Replayed, 'answers'>) => {
      return { answers: answeredWithin(answers, saturatedS), lastedMs: 1000 * saturatedS };
    };
    const live = { ...run.live, ...within(run.live) };
    return { run: { ...run, live }, atMs: [], simulated: within(seen) };
  });
  return [...open, compared(saturated, closed)];
};

const compared = (name: string, pairs: readonly Pair[]): ValidatedLoad => {
  const lives = pairs.map(({ run }) => run.live);
  const simulations = pairs.map(({ simulated }) => simulated);
  const [live, simulated] = [figuresOf(together(lives)), figuresOf(together(simulations))];
  const errors = errorsOf(live, simulated);
  const { answers, lastedMs } = together(lives);
  for (const [what, figures] of Object.entries({ live, simulated, errors })) {
    say(`${name} ${what}: ${JSON.stringify(figures)}`);
  }
  return {
    ...{ name, requestsPerS: round((1000 * answers.length) / lastedMs), live, simulated, errors },
    roundErrors: pairs.map((pair) => errorsOf(figuresOf(pair.run.live), figuresOf(pair.simulated))),
    failed: lives.reduce((sum, { failed }) => sum + failed.length, 0),
    lateMaxMs: round(Math.max(...lives.map(({ lateMaxMs }) => lateMaxMs))),
    ...{ answers, simulatedAnswers: together(simulations).answers },
    rows: pairs.flatMap(({ run, atMs, simulated: seen }) =>
      requestRows(run.requests.slice(0, run.sent), atMs, run.live.answers, seen.answers),
    ),
  };
};

/** Times of several runs, one after the other. */
const together = (
  runs: readonly Pick<Replayed, 'answers' | 'lastedMs'>[],
): Pick<Replayed, 'answers' | 'lastedMs'> => ({
  answers: runs.flatMap(({ answers }) => answers),
  lastedMs: runs.reduce((sum, { lastedMs }) => sum + lastedMs, 0),
});
