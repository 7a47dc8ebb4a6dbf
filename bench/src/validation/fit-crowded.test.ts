import { expect, it } from '@jest/globals';
import type { StageProfile } from '@isotherm/kernel';
import { fitCrowded } from './fit-crowded.ts';
import type { TimedAnswer } from './replay.ts';
import { simulateLanes, simulateTrace, type StackModel } from './simulate-trace.ts';

const profile = (stage: StageProfile['stage'], latencyMs: number): StageProfile => ({
  ...{ stage, model: 'm', hardware: 'cpu', gpus: 0, threads: 1, precision: 'fp32' },
  ...{ batchMax: 1, points: [{ batch: 1, tokens: 10, latencyMs }], source: 'given' },
});
const model: Omit<StackModel, 'crowded'> = {
  profiles: {
    encode: profile('encode', 50),
    prefill: profile('prefill', 40),
    decode: profile('decode', 6),
  },
  fabric: { requestMs: 5, mediumMs: 2, handOverMs: 7, stepMs: 0 },
  cores: 2,
};
const requests = Array.from({ length: 120 }, (_, index) => ({
  ...{ images: index % 3, imageTokens: 36, textTokens: 40, answerTokens: 1 + (index % 20) },
  body: { messages: [], max_tokens: 1 },
}));
const atMs = requests.map((_, index) => 140 * index);

it('finds the speeds beside other work again, from times at the stages alone', () => {
  const crowded = { encode: 0.7, prefill: 0.85, decode: 0.95 };
  const seen = simulateTrace({ ...model, crowded }, requests, atMs);
  // A live run tells times of each answer; the fit reads their sums.
  const [first, ...rest] = seen.answers;
  const { encodeMs, prefillMs, decodeMs } = seen;
  const answers: TimedAnswer[] =
    first === undefined ? [] : [{ ...first, encodeMs, prefillMs, decodeMs }, ...rest];
  const live = { answers, failed: [], lastedMs: seen.lastedMs, lateMaxMs: 0 };
  const fitted = fitCrowded([{ model, requests, atMs, live }]);
  expect(fitted.encode).toBeCloseTo(crowded.encode, 1);
  expect(fitted.prefill).toBeCloseTo(crowded.prefill, 1);
  expect(fitted.decode).toBeCloseTo(crowded.decode, 1);
});

it('does to two requests on two cores what can be added up by hand', () => {
  const two = requests.slice(0, 2).map((request) => ({ ...request, images: 0, answerTokens: 1 }));
  const crowded = { encode: 1, prefill: 1, decode: 1 };
  const { answers } = simulateTrace({ ...model, crowded }, two, [0, 10]);
  // One prefill instance: the second waits for the first.
  expect(answers.map(({ ttftMs }) => ttftMs)).toEqual([45, 75]);
});

it('keeps as many in flight as there are lanes, until the time is up', () => {
  const alike = requests.map((request) => ({ ...request, images: 0, answerTokens: 1 }));
  const crowded = { encode: 1, prefill: 1, decode: 1 };
  const { answers } = simulateLanes({ ...model, crowded }, alike, { lanes: 2, seconds: 0.12 });
  // Two of 5 + 40 at once; each answer brings the next, which waits for the other's; none begins after 120 ms.
  expect(answers.map(({ endedMs }) => endedMs)).toEqual([45, 85, 125, 165]);
});
