import { describe, expect, it } from '@jest/globals';
import { exampleRoom } from '@isotherm/plant';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { settleRoom } from './settle-room.ts';

/** 16 servers in four rows; 12 go to customers, the rest to instances of two GPUs. */
const plan = exampleRoom({
  ...{ aisles: 2, rowsPerAisle: 2, racksPerRow: 2, serversPerRack: 2, opaqueEvery: 0 },
  ...{ powerOversubscription: 1.4, airOversubscription: 1.4 },
});
const pool = { ...examplePools.monolith[0], count: 8 };
const { instances } = createPipeline(createSimulation(), {
  deployments: [exampleDeployment([pool])],
  random: randomStream(1, 'routes'),
});

const settle = (place: boolean, seed: number) =>
  settleRoom({
    ...{ plan, roomOptions: { outsideC: 20 }, instances, levers: { place } },
    customers: { servers: 12, serversMax: 4, mostShares: [0.3, 1], seed },
  });

/** The busiest row's customers, as the sum of their servers at noon. */
const busiestRow = (place: boolean, seed: number): number => {
  const { room, opaqueUtilisation } = settle(place, seed);
  const rows = [0, 0, 0, 0];
  room.state.layout.servers.forEach(({ row }, server) => {
    rows[row] = (rows[row] ?? 0) + (opaqueUtilisation?.(server, 43_200) ?? 0);
  });
  return Math.max(...rows);
};

describe('a room with customers and instances in it', () => {
  it('has a place for everybody, none twice, and knows whose servers are whose', () => {
    for (const place of [false, true]) {
      const { room, places } = settle(place, 1);
      const { servers } = room.state.layout;
      const opaque = servers.filter((server) => server.plan.tenant === 'opaque');
      expect(opaque).toHaveLength(12);
      const gpus = places.flatMap((each) => each?.gpus.map((gpu) => `${each.server}/${gpu}`) ?? []);
      expect(new Set(gpus).size).toBe(16);
      for (const each of places) {
        expect(opaque.some(({ plan: { id } }) => id === each?.server)).toBe(false);
      }
    }
  });

  it('spreads what draws much over its rows where places are chosen', () => {
    const sum = (place: boolean): number =>
      [1, 2, 3, 4, 5].reduce((total, seed) => total + busiestRow(place, seed), 0);
    expect(sum(true)).toBeLessThan(0.92 * sum(false));
  });
});
