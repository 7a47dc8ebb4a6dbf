import { describe, expect, it } from '@jest/globals';
import { layoutDefaults } from '@isotherm/policy';
import type { Arrival } from '../arrivals/arrival.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { poolsWithRoom, relayoutFleet } from './relayout-fleet.ts';

/** Two GPUs each: instances of one kind can take the place of one of the other. */
const [encoders, texts] = examplePools.imageAndText;
const pools = [
  { ...encoders, gpus: 2, count: 5 },
  { ...texts, count: 3 },
];

/** Texts alone, ten a second, each of them a fifth of a second of a text instance. */
const texting = (): readonly Arrival[] =>
  Array.from({ length: 6000 }, (_, at) => ({
    ...{ atMs: 100 * at, textTokens: 2000, media: 0, mediumTokens: 0, answerTokens: 5 },
  }));

const run = (lookMs: number) => {
  const simulation = createSimulation();
  const deployment = exampleDeployment(pools);
  const pipeline = createPipeline(simulation, {
    deployments: [{ ...deployment, pools: poolsWithRoom(pools) }],
    random: randomStream(1, 'routes'),
  });
  const left = [...texting()];
  pipeline.feed({ next: () => left.shift() }, 0);
  const record = relayoutFleet(simulation, pipeline, deployment, {
    ...{ lookMs, settings: { ...layoutDefaults, windowMs: 60_000, planEveryMs: 30_000 } },
    roles: [
      { role: 'encode', capacityTokensPerS: { encode: 15_000 }, startMs: 5000 },
      { role: 'text', capacityTokensPerS: { prefill: 9000, decode: 300 }, startMs: 20_000 },
    ],
  });
  const readyOf = (role: string): number =>
    pipeline.instances.filter((each) => each.role === role && each.view.ready).length;
  return { pipeline, record, readyOf, until: (endMs: number) => simulation.runUntil(endMs) };
};

describe('a fleet whose layout follows the mix', () => {
  it('has encoders go over to text when no pictures come, once they have started anew', () => {
    const { pipeline, record, readyOf, until } = run(5000);
    expect([readyOf('encode'), readyOf('text')]).toEqual([5, 3]);
    until(65_000);
    expect(record.changes).toBe(1);
    expect(readyOf('encode')).toBe(1);
    expect(readyOf('text')).toBe(3);
    until(100_000);
    expect(readyOf('text')).toBe(7);
    expect(record.counts).toEqual({ encode: 1, text: 7 });
    until(700_000);
    expect(record).toMatchObject({ changes: 1, moved: 4 });
    // Nobody has GPUs that somebody else still has.
    expect(record.gpuMs).toBeLessThanOrEqual(16 * 700_000);
    expect(record.gpuMs).toBeGreaterThan(15 * 700_000);
    expect(pipeline.outcomes[0]).toMatchObject({ arrived: 6000, done: 6000 });
  });
});
