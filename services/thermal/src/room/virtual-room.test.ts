import { describe, expect, it } from '@jest/globals';
import { type Disturbance, exampleRoom, gpuId } from '@isotherm/plant';
import { indexRoom } from '../topology/room-index.ts';
import { createVirtualRoom, type RoomWork } from './virtual-room.ts';

const options = {
  ...{ timeScale: 10, stepS: 0.5, stepsMax: 1_000, seed: 1, riseSpreadShare: 0.05 },
  ...{ mean: 0.6, swing: 0.2, restartAfterS: 60 },
};
const plan = exampleRoom({ opaqueEvery: 3 });
const index = indexRoom(plan);
const open = (different: Partial<typeof options> = {}) =>
  createVirtualRoom({ plan, hourlyC: [] }, index, { ...options, ...different }, 0);

const idle: RoomWork = { demand: new Map(), trouble: { disturbances: [], warmerK: 0 } };
const troubled = (...disturbances: readonly Disturbance[]): RoomWork => ({
  ...{ demand: new Map(), trouble: { disturbances, warmerK: 0 } },
});

describe('the virtual room', () => {
  it('is where accelerated time has come to', () => {
    const room = open();
    expect(room.advance(1_000, idle)).toBe(20);
    expect(room.plantS).toBe(10);
    expect(room.advance(1_020, idle)).toBe(0);
    expect(room.advance(1_050, idle)).toBe(1);
  });

  it('leaves out what it cannot catch up with, and says how much', () => {
    const room = open({ stepsMax: 10 });
    expect(room.advance(60_000, idle)).toBe(10);
    expect(room.slippedS).toBe(595);
    expect(room.advance(60_100, idle)).toBe(2);
  });

  it('has opaque tenants that work, alike for the same seed', () => {
    const [one, other] = [open(), open()];
    one.advance(30_000, idle);
    other.advance(10_000, idle);
    other.advance(30_000, idle);
    expect(one.state.gpus.powerW).toEqual(other.state.gpus.powerW);
    const powerOf = (tenant: string): number =>
      index.layout.gpus.reduce((sum, { server }, gpu) => {
        const own = index.layout.servers[server]?.plan.tenant === tenant;
        return own ? sum + (one.state.gpus.powerW[gpu] ?? 0) : sum;
      }, 0);
    expect(powerOf('opaque') / 64).toBeGreaterThan(200);
    expect(powerOf('adjustable') / 128).toBeLessThan(100);
  });

  it('heats the GPU that is asked to work, and knows how busy it was', () => {
    const room = open();
    const busy = gpuId('r1-k1-s1', 0);
    const work = {
      stage: 'prefill',
      utilisation: 1,
      batch: 8,
      precision: 'bf16',
      clockShare: 1,
    } as const;
    room.advance(20_000, { ...idle, demand: new Map([[busy, work]]) });
    const sinkC = (gpu: string): number => room.state.gpus.sinkC[index.gpus.get(gpu) ?? -1] ?? 0;
    expect(sinkC(busy)).toBeGreaterThan(sinkC(gpuId('r1-k1-s1', 1)) + 10);
    expect(room.utilisationOf(busy)).toBe(1);
  });

  it('is warmer outside in a heat wave', () => {
    const room = open();
    room.advance(100, { demand: new Map(), trouble: { disturbances: [], warmerK: 9 } });
    expect(room.outsideC).toBe(31);
  });

  it('has what went off switched on again once its cause is over, and not before', () => {
    const room = open({ mean: 1, swing: 0 });
    const noPower = troubled({ kind: 'power', share: 0.1, row: 'r1' });
    room.advance(30_000, noPower);
    expect(room.state.rows.tripped[0]).toBe(1);
    room.advance(60_000, noPower);
    expect(room.state.rows.tripped[0]).toBe(1);
    room.advance(65_000, idle);
    expect(room.state.rows.tripped[0]).toBe(1);
    room.advance(70_000, idle);
    expect(room.state.rows.tripped[0]).toBe(0);
  });
});
