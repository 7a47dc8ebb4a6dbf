import {
  createRoom,
  type Disturbance,
  type GpuDemand,
  type GpuId,
  outsideAtC,
  type Restart,
  type RoomState,
} from '@isotherm/plant';
import type { RoomFile } from '../topology/room-file.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { opaqueDemand, type OpaqueLoadOptions } from './opaque-load.ts';

export interface VirtualRoomOptions extends OpaqueLoadOptions {
  /** Seconds of plant time that pass in a second. */
  readonly timeScale: number;
  /** Length of a step, in plant seconds. */
  readonly stepS: number;
  /** Most steps in one call: what is behind by more is left out, so that a slow machine does not fall further behind. */
  readonly stepsMax: number;
  /** How much GPUs of a class differ in how they warm. */
  readonly riseSpreadShare: number;
  /** What has switched itself off is switched on again by somebody after so long without cause, in plant seconds. */
  readonly restartAfterS: number;
}

/** Why the room is other than usual: what is lost, and how much warmer it is outside. */
export interface RoomTrouble {
  readonly disturbances: readonly Disturbance[];
  readonly warmerK: number;
}

/** The plant, stepped in real or accelerated time. */
export interface VirtualRoom {
  readonly state: RoomState;
  readonly plantS: number;
  readonly outsideC: number;
  /** Plant seconds that were left out because the machine was too slow. */
  readonly slippedS: number;
  /** Of the last step. */
  utilisationOf(gpu: string): number;
  /** Steps to where real time has come; gives the number of steps. */
  advance(monotonicMs: number, input: RoomWork): number;
}

export interface RoomWork {
  /** What our own instances ask of their GPUs. */
  readonly demand: ReadonlyMap<GpuId, GpuDemand>;
  /** Power limits of GPUs of opaque tenants that are capped. */
  readonly limitsW?: ReadonlyMap<GpuId, number>;
  readonly trouble: RoomTrouble;
}

export const createVirtualRoom = (
  { plan, hourlyC }: RoomFile,
  index: RoomIndex,
  options: VirtualRoomOptions,
  startMs: number,
): VirtualRoom => {
  const { timeScale, stepS, stepsMax, seed, riseSpreadShare } = options;
  const firstC = outsideAtC(plan.outside, 0, hourlyC);
  const room = createRoom(plan, { spread: { seed, riseSpreadShare }, outsideC: firstC });
  const downSinceS = new Map<string, number>();
  let outsideC = firstC;
  let slippedS = 0;
  let asked: ReadonlyMap<string, GpuDemand> = new Map();

  const step = ({ demand, trouble, limitsW }: RoomWork): void => {
    const { atS } = room.state;
    outsideC = outsideAtC(plan.outside, atS, hourlyC) + trouble.warmerK;
    const restarts = trouble.disturbances.length > 0 ? [] : restartsDue();
    const all = new Map([...opaqueDemand(index.layout, options, atS), ...demand]);
    for (const [gpu, powerLimitW] of limitsW ?? []) {
      const own = all.get(gpu);
      if (own !== undefined) all.set(gpu, { ...own, powerLimitW });
    }
    const { disturbances } = trouble;
    room.step({ dtS: stepS, outsideC, disturbances, restarts, demand: all });
    asked = all;
  };

  /** Whoever keeps a room goes and looks: not at once, and not while the cause lasts. */
  const restartsDue = (): readonly Restart[] => {
    const due: Restart[] = [];
    const down = whatIsDown(room.state);
    for (const key of downSinceS.keys()) if (!down.has(key)) downSinceS.delete(key);
    for (const [key, what] of down) {
      const sinceS = downSinceS.get(key) ?? room.state.atS;
      downSinceS.set(key, sinceS);
      if (room.state.atS - sinceS >= options.restartAfterS) due.push(what);
    }
    return due;
  };

  return {
    get state() {
      return room.state;
    },
    get plantS() {
      return room.state.atS;
    },
    get outsideC() {
      return outsideC;
    },
    get slippedS() {
      return slippedS;
    },
    utilisationOf: (gpu) => asked.get(gpu)?.utilisation ?? 0,
    advance: (monotonicMs, work) => {
      const wantedS = ((monotonicMs - startMs) / 1000) * timeScale - slippedS;
      const behind = Math.floor((wantedS - room.state.atS) / stepS + 1e-9);
      const steps = Math.max(0, Math.min(behind, stepsMax));
      for (let each = 0; each < steps; each += 1) step(work);
      slippedS += Math.max(0, behind - steps) * stepS;
      return steps;
    },
  };
};

const whatIsDown = ({
  layout,
  gpus,
  servers,
  rows,
  ups,
}: RoomState): ReadonlyMap<string, Restart> => {
  const down = new Map<string, Restart>();
  ups.tripped.forEach((tripped, index) => {
    const id = layout.ups[index]?.id ?? '';
    if (tripped === 1) down.set(`ups ${id}`, { kind: 'ups', ups: id });
  });
  rows.tripped.forEach((tripped, index) => {
    const id = layout.rows[index]?.plan.id ?? '';
    if (tripped === 1) down.set(`row ${id}`, { kind: 'row', row: id });
  });
  layout.servers.forEach(({ plan, firstGpu, gpuCount }, index) => {
    const isDown =
      servers.stopped[index] === 1 ||
      gpus.shutDown.subarray(firstGpu, firstGpu + gpuCount).includes(1);
    if (isDown) down.set(`server ${plan.id}`, { kind: 'server', server: plan.id });
  });
  return down;
};
