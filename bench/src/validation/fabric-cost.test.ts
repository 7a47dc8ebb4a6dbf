import { expect, it } from '@jest/globals';
import type { StageProfile } from '@isotherm/kernel';
import { allUnloaded, type AskedKind, fabricOf } from './fabric-cost.ts';

const profile = (stage: StageProfile['stage'], latencyMs: number): StageProfile => ({
  ...{ stage, model: 'm', hardware: 'cpu', gpus: 0, threads: 1, precision: 'fp32' },
  ...{ batchMax: 1, points: [{ batch: 1, tokens: 10, latencyMs }], source: 'given' },
});
const profiles = {
  encode: profile('encode', 50),
  prefill: profile('prefill', 40),
  decode: profile('decode', 6),
};

/** Answers of a stack whose fabric takes 5 ms a request, 2 a picture, 7 a hand-over and 0.5 a step. */
const asked = (images: number, tokens: number, loopsMs: number): AskedKind => {
  const handedOn = (images > 0 ? 7 : 0) + 2 * images;
  const ttftMs = 5 + handedOn + 50 * images + 40;
  const wholeMs = tokens > 1 ? ttftMs + 7 + (tokens - 1) * 6.5 : ttftMs;
  const request = { images, imageTokens: 36, textTokens: 50, answerTokens: tokens };
  return {
    requests: [{ ...request, body: { messages: [], max_tokens: tokens } }],
    answers: [{ index: 0, images, tokens, ttftMs, wholeMs }],
    loopsMs,
  };
};

it('takes from requests without load what the fabric adds to engines, part by part', () => {
  const seen = {
    ...{ short: asked(0, 1, 10), two: asked(0, 2, 16), long: asked(0, 33, 47) },
    pictures: asked(3, 1, 22),
  };
  const fabric = fabricOf(seen, profiles);
  expect(fabric.requestMs).toBeCloseTo(5, 9);
  expect(fabric.mediumMs).toBeCloseTo(2, 9);
  expect(fabric.handOverMs).toBeCloseTo(7, 9);
  expect(fabric.stepMs).toBeCloseTo(0.5, 9);
  expect(fabric.loops).toEqual({
    requestMs: 10,
    mediumMs: 4,
    handOverMs: 5,
    stepMs: 0.5,
    tokenMs: 0.5,
  });
});

it('takes those of several times together, and the least of their loops', () => {
  const once = (loopsMs: number) => ({
    ...{ short: asked(0, 1, loopsMs), two: asked(0, 2, 16), long: asked(0, 33, 47) },
    pictures: asked(3, 1, 22),
  });
  const all = allUnloaded([once(12), once(10), once(11)]);
  expect([all.short.answers.length, all.short.requests.length]).toEqual([3, 3]);
  expect([all.short.loopsMs, all.two.loopsMs]).toEqual([10, 16]);
});
