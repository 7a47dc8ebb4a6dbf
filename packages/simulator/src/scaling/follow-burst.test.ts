import { describe, expect, it } from '@jest/globals';
import { autoscaleDefaults } from '@isotherm/policy';
import type { Arrival } from '../arrivals/arrival.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { drawExponential } from '../chance/draw.ts';
import { createSimulation } from '../engine/simulation.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { linearCost } from '../stations/stage-cost.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { scaleFleet } from './scale-fleet.ts';

/** A prompt of 400 tokens takes 0.4 s: an instance makes 1,000 tokens a second, and half of it with 99 of 100 within 2 s. */
const slowPrompts = linearCost({ fixedMs: 200, tokenMs: 0.5 }, { batchMax: 1 });
const [whole] = examplePools.monolith;
const lengthMs = 45 * 60_000;
const endMs = lengthMs + 60_000;

/** Requests a second: six minutes on the way to three times as many, and six more with them. */
const rateAt = (minute: number): number => {
  if (minute < 15 || minute >= 27) return 4;
  return Math.min(12, 4 + (8 * (minute - 15)) / 6);
};

const arrivals = (seed: number): readonly Arrival[] => {
  const random = randomStream(seed, 'arrivals');
  const all: Arrival[] = [];
  for (let atMs = 0; atMs < lengthMs;) {
    atMs += (1000 * drawExponential(random)) / rateAt(atMs / 60_000);
    all.push({ atMs, textTokens: 400, media: 0, mediumTokens: 0, answerTokens: 1 });
  }
  return all;
};

const run = (seed: number, count: number, first?: number) => {
  const simulation = createSimulation();
  const deployment = {
    ...exampleDeployment([{ ...whole, costs: { ...whole.costs, prefill: slowPrompts }, count }]),
    slo: { ttftMs: 2000, tbtMs: 100 },
  };
  const pipeline = createPipeline(simulation, {
    ...{ deployments: [deployment], random: randomStream(seed, 'routes') },
  });
  const all = arrivals(seed);
  let at = 0;
  pipeline.feed({ next: () => all[at++] }, 0);
  const scaling =
    first === undefined
      ? undefined
      : scaleFleet(simulation, pipeline, deployment, {
          ...{ lookMs: 10_000, settings: autoscaleDefaults },
          roles: [
            {
              ...{ role: 'whole', first, startMs: 60_000 },
              ...{ capacityTokensPerS: 500, saturationTokensPerS: 1000 },
            },
          ],
        });
  simulation.runUntil(endMs);
  const outcome = pipeline.outcomes[0];
  return {
    attainment: (outcome?.withinSlo ?? 0) / all.length,
    instanceMs: scaling?.instanceMs ?? count * endMs,
  };
};

describe('a fleet that follows a burst', () => {
  it('takes fewer instance-hours than the smallest fixed one with as many in time', () => {
    let count = 4;
    while (run(1, count).attainment < 0.99) count += 1;
    const fixed = run(1, count);
    const scaled = run(1, 3 * count, count);
    expect(scaled.attainment).toBeGreaterThanOrEqual(0.99);
    expect(scaled.instanceMs / fixed.instanceMs).toBeLessThan(0.9);
  });
});
