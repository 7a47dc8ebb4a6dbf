import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDemand, type Demand, noDemand } from './demand.ts';
import type { LoadView } from './fleet-room.ts';
import { type Line, predictTtft, type TtftPrediction } from './predict-ttft.ts';
import { observeJob, unknownSpeed } from './stage-speed.ts';

const speedOf = (ms: number) =>
  Array.from({ length: 20 }, () => ({ tokens: 100, ms })).reduce(observeJob, unknownSpeed);
const stage = { instances: 1, capacity: 1, jobs: 0, tokens: 0, speed: speedOf(20) };
const free = { taken: 0, count: 10 };
const idle: LoadView = {
  encode: { ...stage, speed: speedOf(50) },
  prefill: stage,
  places: {
    ...free,
    takenBy: { interactive: 0, standard: 0, batch: 0 },
    decode: { instances: 1, steps: unknownSpeed, perSequence: 1 },
  },
  placeMs: 100,
};
const text: Demand = { ...noDemand, requests: 1, cost: 150, prefillTokens: 100 };
const picture: Demand = { ...text, encodeJobs: 1, encodeTokens: 100 };
const times = (demand: Demand, count: number): Demand => addDemand(noDemand, demand, count);

const nobody: Line = {
  ...{ urgent: noDemand, own: noDemand, urgentPerMs: noDemand },
  ...{ promotion: undefined, promotedShare: 0 },
};
const predict = (
  demand: Demand,
  line: Partial<Line> = {},
  load: LoadView = idle,
  places = free,
): TtftPrediction | undefined => predictTtft(demand, { ...nobody, ...line }, load, places);

describe('the prediction of the time to the first token', () => {
  it('is its own work where nothing else is', () => {
    const alone = predict(picture);
    expect(alone?.waitMs).toBe(0);
    expect(alone?.ownMs).toBeCloseTo(70);
    expect(predict(text)?.ownMs).toBeCloseTo(20);
  });

  it('waits for what is at the slowest stage that it needs', () => {
    const loaded = { ...idle, encode: { ...idle.encode, jobs: 4, tokens: 400 } };
    expect(predict(picture, {}, loaded)?.waitMs).toBeCloseTo(200);
    expect(predict(text, {}, loaded)?.waitMs).toBe(0);
    expect(predict(text, { own: times(text, 5) })?.waitMs).toBeCloseTo(100);
    expect(predict(text, { urgent: times(text, 2), own: text })?.waitMs).toBeCloseTo(60);
  });

  it('waits for a place', () => {
    expect(predict(text, {}, idle, { taken: 10, count: 10 })?.waitMs).toBeCloseTo(10);
  });

  it('waits for more urgent work that will come, too', () => {
    // One in 40 ms takes half of the time.
    const line = { own: times(text, 5), urgentPerMs: times(text, 1 / 40) };
    expect(predict(text, line)?.waitMs).toBeCloseTo(200);
    expect(predict(text, { ...line, promotedShare: 1 / 4 })?.waitMs).toBeCloseTo(400);
    expect(predict(text, { ...line, urgentPerMs: times(text, 1 / 20) })?.waitMs).toBe(Infinity);
  });

  it('waits for the turns of its class at most, where more urgent work leaves nothing', () => {
    const promotion = { fromMs: 0, patienceMs: 0, every: 8 };
    const line = { own: times(text, 5), urgentPerMs: times(text, 1 / 10), promotion };
    expect(predict(text, line)?.waitMs).toBeCloseTo(5 * 8 * 20);
    const later = { ...promotion, fromMs: 300 };
    expect(predict(text, { ...line, promotion: later })?.waitMs).toBeCloseTo(300 + 800);
    const patient = { ...promotion, fromMs: 300, patienceMs: 5000 };
    expect(predict(text, { ...line, promotion: patient })?.waitMs).toBeCloseTo(5000);
  });

  it('says nothing of a stage whose speed is unknown, unless it is not needed', () => {
    const cold = { ...idle, encode: { ...stage, speed: unknownSpeed } };
    expect(predict(picture, {}, cold)).toBeUndefined();
    expect(predict(text, {}, cold)).toBeDefined();
  });

  it('does not foretell what is far larger than all that was seen', () => {
    expect(predict({ ...text, prefillTokens: 1e6 })?.ownMs).toBeCloseTo(20);
  });

  it('is never sooner with more ahead, more coming or fewer instances (property)', () => {
    const counts = fc.record({
      ...{ few: fc.nat(50), more: fc.nat(50), comes: fc.nat(60), moreComes: fc.nat(60) },
      instances: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(counts, ({ few, more, comes, moreComes, instances }) => {
        const load = { ...idle, prefill: { ...stage, instances: instances + 1 } };
        const less = { ...idle, prefill: { ...stage, instances } };
        const promotion = { fromMs: 100, patienceMs: 700, every: 8 };
        const waitOf = (ahead: number, perS: number, view: LoadView): number => {
          const urgentPerMs = times(picture, perS / 1000);
          const line = { own: times(picture, ahead), urgentPerMs, promotion };
          return predict(picture, line, view)?.waitMs ?? Number.NaN;
        };
        const wait = waitOf(few, comes, load);
        expect(waitOf(few + more, comes, load)).toBeGreaterThanOrEqual(wait);
        expect(waitOf(few, comes + moreComes, load)).toBeGreaterThanOrEqual(wait - 1e-6);
        expect(waitOf(few, comes, less)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });
});
