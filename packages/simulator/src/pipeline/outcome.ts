import { createHistogram, type Histogram, type HistogramState } from '../results/histogram.ts';
import type { SloTarget } from './slo-target.ts';

/** What became of a deployment's requests: streaming, so that a million cost no more memory than ten. */
export interface Outcome {
  /** From arrival to the first token. */
  readonly ttftMs: Histogram;
  /** From one token to the next, each gap by itself. */
  readonly gapMs: Histogram;
  /** The mean gap of each answer of two tokens and more. */
  readonly tbtMs: Histogram;
  readonly wholeMs: Histogram;
  /** The two times ÷ what each request had to keep: an SLO at a percentile holds where that one is at most 1. */
  readonly ttftShare: Histogram;
  readonly tbtShare: Histogram;
  arrived: number;
  done: number;
  /** No instance could ever do it. */
  refused: number;
  /** Of those that are done: within both targets. */
  withinSlo: number;
  /** The others, by the stage that took more than its part of the time; one may be late by two of them. */
  lateEncode: number;
  latePrefill: number;
  lateDecode: number;
  textTokens: number;
  mediaTokens: number;
  answerTokens: number;
}

export const createOutcome = (): Outcome => ({
  ...{ ttftMs: createHistogram(), gapMs: createHistogram() },
  ...{ tbtMs: createHistogram(), wholeMs: createHistogram() },
  ...{ ttftShare: createHistogram(), tbtShare: createHistogram() },
  ...{ arrived: 0, done: 0, refused: 0, withinSlo: 0 },
  ...{ lateEncode: 0, latePrefill: 0, lateDecode: 0 },
  ...{ textTokens: 0, mediaTokens: 0, answerTokens: 0 },
});

/** An answer that has ended, from its arrival on. */
export interface AnswerTimes {
  readonly arrivedMs: number;
  readonly media: number;
  /** Until the last of its media was encoded; 0 where none were encoded apart. */
  readonly encodedMs: number;
  readonly ttftMs: number;
  readonly wholeMs: number;
  readonly tokens: number;
}

/** An answer that has ended, by its times. */
export const countAnswer = (
  outcome: Outcome,
  { ttftMs, tbtMs, encodeShare }: SloTarget,
  answer: Omit<AnswerTimes, 'arrivedMs' | 'media'>,
): void => {
  const meanGapMs = answer.tokens > 1 ? (answer.wholeMs - answer.ttftMs) / (answer.tokens - 1) : 0;
  outcome.done += 1;
  outcome.answerTokens += answer.tokens;
  outcome.ttftMs.add(answer.ttftMs);
  outcome.wholeMs.add(answer.wholeMs);
  outcome.ttftShare.add(answer.ttftMs / ttftMs);
  if (answer.tokens > 1) {
    outcome.tbtMs.add(meanGapMs);
    outcome.tbtShare.add(meanGapMs / tbtMs);
  }
  const [isFirstLate, isRestLate] = [answer.ttftMs > ttftMs, meanGapMs > tbtMs];
  if (!isFirstLate && !isRestLate) outcome.withinSlo += 1;
  if (isFirstLate && answer.encodedMs > encodeShare * answer.ttftMs) outcome.lateEncode += 1;
  else if (isFirstLate) outcome.latePrefill += 1;
  if (isRestLate) outcome.lateDecode += 1;
};

/** As plain data: sent between threads, kept in files, and merged. */
export type OutcomeState = {
  readonly [Key in keyof Outcome]: Outcome[Key] extends Histogram ? HistogramState : number;
};

export const outcomeState = (outcome: Outcome): OutcomeState => ({
  ...outcome,
  ttftMs: outcome.ttftMs.state(),
  gapMs: outcome.gapMs.state(),
  tbtMs: outcome.tbtMs.state(),
  wholeMs: outcome.wholeMs.state(),
  ttftShare: outcome.ttftShare.state(),
  tbtShare: outcome.tbtShare.state(),
});
