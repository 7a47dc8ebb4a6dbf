import { describe, expect, it } from '@jest/globals';
import { exampleRoom, type Disturbance } from '@isotherm/plant';
import { type Levers, noHeadroom } from '@isotherm/policy';
import { drawExponential } from '../chance/draw.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import { exampleDeployment, examplePools } from '../pipeline/example-deployment.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { coupleRoom } from './room-coupling.ts';

const off: Levers = { place: false, route: false, reconfigure: false };
/** 6 servers of 8 GPUs in one row, whose power and air just suffice; every third server is somebody else's. */
const plan = exampleRoom({
  ...{ aisles: 1, rowsPerAisle: 1, racksPerRow: 2, serversPerRack: 3 },
  ...{ powerOversubscription: 1.1, airOversubscription: 1 },
});
const pool = { ...examplePools.monolith[0], count: 14 };

interface Run {
  readonly perMs?: number;
  readonly levers?: Partial<Levers>;
  readonly disturbance?: Disturbance;
  readonly untilS?: number;
}

/** Five minutes; what goes wrong does so after one. */
const run = ({ perMs = 0.12, levers = {}, disturbance, untilS = 1e9 }: Run = {}) => {
  const simulation = createSimulation();
  const pipeline = createPipeline(simulation, {
    deployments: [exampleDeployment([pool])],
    ...{ random: randomStream(1, 'routes'), countFromMs: 90_000 },
  });
  const coupling = coupleRoom(simulation, pipeline.instances, {
    ...{
      plan,
      periodMs: 2000,
      planPeriodMs: 10_000,
      durationMs: 300_000,
      levers: { ...off, ...levers },
    },
    opaqueUtilisation: () => 0.9,
    ...(disturbance !== undefined && {
      disturbances: [{ fromS: 60, untilS, disturbance }],
    }),
    onReady: pipeline.retry,
  });
  const random = randomStream(1, 'arrivals');
  let atMs = 0;
  pipeline.feed(
    {
      next: () => {
        atMs += drawExponential(random) / perMs;
        return { atMs, textTokens: 400, media: 1, mediumTokens: 400, answerTokens: 60 };
      },
    },
    0,
  );
  simulation.runUntil(300_000);
  const [outcome] = pipeline.outcomes;
  if (outcome === undefined) throw new RangeError('no outcome');
  const { room, record, placed, unplaced } = coupling;
  const { alive } = pipeline;
  return { outcome, room, placed, unplaced, figures: record.figures(room.state), record, alive };
};
const lostPower: Disturbance = { kind: 'power', share: 0.75 };

describe('a room and the instances in it', () => {
  it('has a place for each instance, none of it somebody else’s, and none twice', () => {
    for (const place of [false, true]) {
      const { placed, unplaced, room } = run({ perMs: 0.001, levers: { place } });
      expect(unplaced).toBe(0);
      const gpus = placed.flatMap((each) => each.gpus);
      expect(new Set(gpus).size).toBe(28);
      for (const { server } of placed) {
        expect(room.state.layout.servers[server]?.plan.tenant).toBe('adjustable');
      }
    }
  });

  it('is warmer and draws more, the more there is to do', () => {
    const [idle, busy] = [run({ perMs: 0.001 }), run()];
    expect(busy.figures.energyKwh).toBeGreaterThan(1.2 * idle.figures.energyKwh);
    const meanC = ({ room, placed }: typeof idle): number =>
      placed.reduce((sum, { gpus }) => sum + (room.state.gpus.sinkC[gpus[0] ?? 0] ?? 0), 0) /
      placed.length;
    expect(meanC(busy)).toBeGreaterThan(meanC(idle) + 5);
  });

  it('slows down what it throttles, and latency shows it', () => {
    const [calm, braked] = [run(), run({ disturbance: lostPower })];
    expect(calm.figures.powerEvents).toBe(0);
    expect(braked.figures.powerEvents).toBeGreaterThan(0);
    expect(braked.outcome.gapMs.mean).toBeGreaterThan(1.1 * calm.outcome.gapMs.mean);
  });

  it('is kept below limits that have dropped by planning, with less throttled', () => {
    const oblivious = run({ disturbance: lostPower });
    const aware = run({ disturbance: lostPower, levers: { route: true, reconfigure: true } });
    expect(aware.figures.powerTimeShare).toBeLessThan(0.5 * oblivious.figures.powerTimeShare);
    expect(aware.record.points.at(-1)?.rowShareMax).toBeLessThan(1);
    expect(oblivious.placed.every(({ instance }) => instance.view.headroom === undefined)).toBe(
      true,
    );
    expect(aware.placed.every(({ instance }) => instance.view.headroom !== undefined)).toBe(true);
  });

  it('sends nothing to what a plan has stopped, and what waited for it goes once it is back', () => {
    const disturbance: Disturbance = { kind: 'power', share: 0.45 };
    const levers = { route: true, reconfigure: true };
    const stopped = run({ perMs: 0.03, levers, disturbance }).placed.filter(
      ({ setting }) => setting.stopped,
    );
    expect(stopped.length).toBeGreaterThan(0);
    for (const { instance, demand } of stopped) {
      expect(instance.view.headroom).toEqual(noHeadroom);
      expect(instance.view.bookedTokens).toBe(0);
      expect(demand.utilisation).toBe(0);
    }
    const over = run({ perMs: 0.03, levers, disturbance, untilS: 140 });
    expect(over.placed.some(({ setting }) => setting.stopped)).toBe(false);
    expect(over.alive).toBeLessThan(2 * run({ perMs: 0.03 }).alive);
  });

  it('is the same room with the same seed', () => {
    const levers = { route: true, reconfigure: true };
    const states = [0, 1].map(() => {
      const { outcome, figures, record } = run({ perMs: 0.03, levers, disturbance: lostPower });
      return JSON.stringify([outcome.ttftMs.state(), figures, record.points]);
    });
    expect(states[0]).toBe(states[1]);
  });
});
