import { describe, expect, it } from '@jest/globals';
import { exampleRoom } from '@isotherm/plant';
import { multimodalArrivals, multimodalDefaults } from '../arrivals/multimodal.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { digestOf } from './digest.ts';
import { type Experiment, runExperiment } from './experiment.ts';

const experiment = (different: Partial<Experiment> = {}): Experiment => ({
  ...{ seed: 1, durationMs: 120_000, warmUpMs: 10_000, sampleMax: 2 },
  levers: { place: true, route: true, reconfigure: true },
  deployments: [
    {
      ...exampleDeployment(examplePools.decoupled),
      arrivals: (seed) =>
        multimodalArrivals(
          { ...multimodalDefaults, requestsPerS: 8, imageTokens: 400 },
          randomStream(seed, 'arrivals'),
        ),
    },
  ],
  room: {
    plan: exampleRoom({ aisles: 1, rowsPerAisle: 1, racksPerRow: 1 }),
    ...{ periodMs: 2000, planPeriodMs: 10_000, riseSpreadShare: 0.1 },
  },
  ...different,
});

/** Of a run in a room, with all levers. */
const withRoom = '1e114a8473b06710';

describe('an experiment', () => {
  it('tells its progress, and has a result of plain data', () => {
    const shares: number[] = [];
    const result = runExperiment(experiment(), (share) => shares.push(share));
    expect([shares.length, shares.at(-1)]).toEqual([100, 1]);
    const [served] = result.deployments;
    expect(served?.outcome.arrived).toBeGreaterThan(700);
    expect(result.room?.points).toHaveLength(60);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('comes out the same for the same seed, and differently for another', () => {
    const digests = [1, 1, 2].map((seed) => digestOf(runExperiment(experiment({ seed }))));
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it('comes out as it did on the machine where this was written, bit for bit', () => {
    const { room: _, ...withoutRoom } = experiment();
    expect(digestOf(runExperiment(withoutRoom))).toBe('ec181de224f3cb66');
    expect(digestOf(runExperiment(experiment()))).toBe(withRoom);
  });

  it('asks the engine for nothing that engines round differently', () => {
    const { exp, log, log2, log10, sin, cos, tanh, cbrt } = Math;
    const own = { exp, log, log2, log10, sin, cos, tanh, cbrt };
    for (const [name, asIs] of Object.entries(own)) {
      Object.assign(Math, { [name]: (value: number) => asIs(value) * (1 + 1e-15) });
    }
    try {
      expect(digestOf(runExperiment(experiment()))).toBe(withRoom);
    } finally {
      Object.assign(Math, own);
    }
  });

  it('has the same requests in every arm', () => {
    const off = { place: false, route: false, reconfigure: false };
    const [one, other] = [experiment(), experiment({ levers: off })].map((each) =>
      runExperiment(each),
    );
    expect(one?.deployments[0]?.outcome.textTokens).toBe(other?.deployments[0]?.outcome.textTokens);
  });
});
