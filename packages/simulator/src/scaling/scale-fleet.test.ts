import { describe, expect, it } from '@jest/globals';
import { autoscaleDefaults } from '@isotherm/policy';
import type { Arrival } from '../arrivals/arrival.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { scaleFleet } from './scale-fleet.ts';

const arrival = (atMs: number): Arrival => ({
  ...{ atMs, textTokens: 400, media: 0, mediumTokens: 0, answerTokens: 21 },
});
/** Two requests a second, twenty for five minutes from the fifth on, and two again. */
const burst = (): readonly Arrival[] => {
  const times: number[] = [];
  for (let atMs = 0; atMs < 1_500_000;) {
    atMs += atMs > 300_000 && atMs < 600_000 ? 50 : 500;
    times.push(atMs);
  }
  return times.map(arrival);
};

const run = (startMs: number) => {
  const simulation = createSimulation();
  const deployment = exampleDeployment([{ ...examplePools.monolith[0], count: 8 }]);
  const pipeline = createPipeline(simulation, {
    ...{ deployments: [deployment], random: randomStream(1, 'routes') },
  });
  const left = [...burst()];
  const arrivals = left.length;
  pipeline.feed({ next: () => left.shift() }, 0);
  const settings = { ...autoscaleDefaults, planEveryMs: 30_000, downWindowMs: 60_000 };
  const record = scaleFleet(simulation, pipeline, deployment, {
    ...{ lookMs: 5000, settings },
    roles: [{ role: 'whole', first: 2, capacityTokensPerS: 2000, startMs }],
  });
  const ready = (): number => pipeline.instances.filter(({ view }) => view.ready).length;
  const readyAt = (endMs: number): number => {
    simulation.runUntil(endMs);
    return ready();
  };
  return { pipeline, record, arrivals, readyAt };
};

describe('a fleet that follows its load', () => {
  it('grows in a burst once instances have started, shrinks after it, and loses nobody', () => {
    const { pipeline, record, arrivals, readyAt } = run(20_000);
    expect(readyAt(290_000)).toBeLessThanOrEqual(2);
    expect(readyAt(315_000)).toBeLessThanOrEqual(2);
    expect(readyAt(590_000)).toBeGreaterThanOrEqual(4);
    expect(readyAt(1_490_000)).toBeLessThanOrEqual(2);
    readyAt(1_600_000);
    expect(pipeline.outcomes[0]).toMatchObject({ arrived: arrivals, done: arrivals });
    expect(record.drained).toBeGreaterThanOrEqual(2);
    expect(record.instanceMs).toBeLessThan(0.6 * 8 * 1_600_000);
    expect(record.gpuMs).toBe(2 * record.instanceMs);
  });

  it('counts who is starting', () => {
    const [quick, slow] = [run(1000), run(250_000)];
    for (const { readyAt } of [quick, slow]) readyAt(500_000);
    expect(slow.record.instanceMs).toBeGreaterThan(0.9 * quick.record.instanceMs);
    expect(slow.readyAt(500_000)).toBeLessThan(quick.readyAt(500_000));
  });
});
