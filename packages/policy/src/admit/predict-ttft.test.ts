import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Demand, noDemand } from './demand.ts';
import { predictTtft } from './predict-ttft.ts';
import { observeJob, unknownSpeed } from './stage-speed.ts';

const speedOf = (ms: number) =>
  Array.from({ length: 20 }, () => ({ tokens: 100, ms })).reduce(observeJob, unknownSpeed);
const stage = { instances: 1, capacity: 1, jobs: 0, tokens: 0, speed: speedOf(20) };
const idle = {
  encode: { ...stage, speed: speedOf(50) },
  prefill: stage,
  places: { taken: 0, count: 10 },
  placeMs: 100,
};
const text: Demand = { ...noDemand, requests: 1, cost: 150, prefillTokens: 100 };
const picture: Demand = { ...text, encodeJobs: 1, encodeTokens: 100 };
const times = (demand: Demand, count: number): Demand => ({
  requests: demand.requests * count,
  cost: demand.cost * count,
  encodeJobs: demand.encodeJobs * count,
  encodeTokens: demand.encodeTokens * count,
  prefillTokens: demand.prefillTokens * count,
});

describe('the prediction of the time to the first token', () => {
  it('is its own work where nothing else is', () => {
    const alone = predictTtft(picture, noDemand, idle);
    expect(alone?.waitMs).toBe(0);
    expect(alone?.ownMs).toBeCloseTo(70);
    expect(predictTtft(text, noDemand, idle)?.ownMs).toBeCloseTo(20);
  });

  it('waits for what is at the slowest stage that it needs', () => {
    const loaded = { ...idle, encode: { ...idle.encode, jobs: 4, tokens: 400 } };
    expect(predictTtft(picture, noDemand, loaded)?.waitMs).toBeCloseTo(200);
    expect(predictTtft(text, noDemand, loaded)?.waitMs).toBe(0);
    expect(predictTtft(text, times(text, 5), idle)?.waitMs).toBeCloseTo(100);
  });

  it('waits for a place', () => {
    const full = { ...idle, places: { taken: 10, count: 10 } };
    expect(predictTtft(text, noDemand, full)?.waitMs).toBeCloseTo(10);
  });

  it('says nothing of a stage whose speed is unknown, unless it is not needed', () => {
    const cold = { ...idle, encode: { ...stage, speed: unknownSpeed } };
    expect(predictTtft(picture, noDemand, cold)).toBeUndefined();
    expect(predictTtft(text, noDemand, cold)).toBeDefined();
  });

  it('is never sooner with more ahead or fewer instances (property)', () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.nat(50),
        fc.integer({ min: 1, max: 8 }),
        (few, more, instances) => {
          const load = { ...idle, prefill: { ...stage, instances: instances + 1 } };
          const less = { ...idle, prefill: { ...stage, instances } };
          const waitOf = (ahead: number, view: typeof idle): number =>
            predictTtft(picture, times(picture, ahead), view)?.waitMs ?? Number.NaN;
          expect(waitOf(few + more, load)).toBeGreaterThanOrEqual(waitOf(few, load));
          expect(waitOf(few, less)).toBeGreaterThanOrEqual(waitOf(few, load));
        },
      ),
    );
  });
});
