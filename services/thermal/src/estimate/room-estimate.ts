import {
  copyState,
  defaultRoomSettings,
  type Disturbance,
  dynamicPowerW,
  type GpuDemand,
  type GpuId,
  type GpuPowerParameters,
  type GpuThermalParameters,
  initialRoom,
  memoryPowerW,
  type RoomSettings,
  type RoomState,
  type ServerParameters,
  steadyRiseK,
  stepRoom,
  type WorkKind,
} from '@isotherm/plant';
import type { RoomIndex } from '../topology/room-index.ts';
import type { RoomView } from './room-view.ts';

/**
 * Steps as predictions take them: no clock is lowered and no brake pulled, because what is asked is whether limits would
 * be passed; longer steps than a room's own, which its equations bear.
 */
const predictionSettings: RoomSettings = {
  ...defaultRoomSettings,
  ...{ substepSMax: 180, stepSMax: 86_400 },
  throttle: {
    ...defaultRoomSettings.throttle,
    fallPerKS: 0,
    recoverPerS: 1,
    hardwareClockShare: 1,
  },
  brake: { ...defaultRoomSettings.brake, isOn: false },
};

/** What is fitted of this room, by column: its servers' places, its GPUs' heat sinks, and what both draw. */
export interface FittedRoom {
  readonly inletBiasK: (server: number) => number;
  readonly thermal: (gpu: number) => GpuThermalParameters;
  readonly serverPower: (server: number) => ServerParameters;
  readonly gpuPower: (gpu: number) => GpuPowerParameters;
}

/** What is true of the room outside of its instruments. */
export interface Surroundings {
  readonly outsideC: number;
  readonly disturbances: readonly Disturbance[];
  /** How each GPU is heated. */
  readonly workOf: (gpu: number) => WorkKind;
}

/**
 * An observer: a model of the room that follows it. What is measured is taken from the readings, what is not (the
 * air that comes back, the metal) follows by the model.
 */
export interface RoomEstimate {
  /** The model as it is now. */
  readonly state: RoomState;
  /** The demand that would draw what is measured now. */
  readonly demand: ReadonlyMap<GpuId, GpuDemand>;
  /** Follows the readings, `dtS` of plant time after the last time. */
  follow(view: RoomView, dtS: number, by: Surroundings): void;
  /** The room at each of the times to come, rising, with this demand (absent: what is measured now). */
  predict(
    horizonsS: readonly number[],
    by: Surroundings,
    demand?: ReadonlyMap<GpuId, GpuDemand>,
  ): readonly RoomState[];
}

export const createRoomEstimate = (
  index: RoomIndex,
  fitted: FittedRoom,
  outsideC: number,
): RoomEstimate => {
  let state = initialRoom(index.plan, { settings: predictionSettings, outsideC });
  let demand: ReadonlyMap<GpuId, GpuDemand> = new Map();

  return {
    get state() {
      return state;
    },
    get demand() {
      return demand;
    },
    follow: (view, dtS, by) => {
      state = withFit(state, fitted);
      demand = measuredDemand(state, view, by.workOf);
      const { outsideC: outside, disturbances } = by;
      // A moment at least, so that limits and airflows are those of now.
      state = step(state, { dtS: Math.max(dtS, momentS), outsideC: outside, disturbances, demand });
      impose(state, view, by.workOf);
    },
    predict: (horizonsS, by, supposed = demand) => {
      let at = copyState(state);
      return horizonsS.map((horizonS) => {
        for (const dtS of stepsTo(at.atS - state.atS, horizonS)) {
          const { outsideC: outside, disturbances } = by;
          at = step(at, { dtS, outsideC: outside, disturbances, demand: supposed });
        }
        return at;
      });
    },
  };
};

const momentS = 0.001;

/** Lengths of steps, in seconds: fine where fans and chips still move, coarse where only air and metal do. */
const stepLengthsS = [2, 3, 5, 10, 15, 25, 60, 120, 180, 180] as const;

const stepsTo = (fromS: number, toS: number): readonly number[] => {
  const steps: number[] = [];
  let atS = 0;
  for (const lengthS of stepLengthsS) {
    atS += lengthS;
    if (atS <= fromS) continue;
    const lastS = steps.reduce((sum, each) => sum + each, fromS);
    if (lastS >= toS) return steps;
    steps.push(Math.min(atS, toS) - lastS);
  }
  const lastS = steps.reduce((sum, each) => sum + each, fromS);
  if (toS > lastS) steps.push(...Array.from({ length: 8 }, () => (toS - lastS) / 8));
  return steps;
};

const step = (state: RoomState, input: Parameters<typeof stepRoom>[1]): RoomState => {
  const next = stepRoom(state, input);
  // Whether a breaker would open is for whoever decides; a dark row would hide what is asked.
  next.rows.tripShare.fill(0);
  next.rows.tripped.fill(0);
  next.ups.tripShare.fill(0);
  next.ups.tripped.fill(0);
  next.servers.stopped.fill(0);
  next.gpus.shutDown.fill(0);
  return next;
};

/** The state over a layout with what was fitted in it. */
const withFit = (state: RoomState, fitted: FittedRoom): RoomState => {
  const { layout } = state;
  const { inletBiasK, thermal, serverPower, gpuPower } = fitted;
  return {
    ...state,
    layout: {
      ...layout,
      servers: layout.servers.map((server, index) => ({
        ...server,
        plan: { ...server.plan, placeBiasK: inletBiasK(index) },
        kind: { ...server.kind, server: serverPower(index) },
      })),
      gpus: layout.gpus.map((gpu, index) => ({
        ...gpu,
        kind: { ...gpu.kind, power: gpuPower(index) },
        thermal: thermal(index),
      })),
    },
  };
};

/** The demand whose power is the one that is measured. */
const measuredDemand = (
  { layout }: RoomState,
  view: RoomView,
  workOf: (gpu: number) => WorkKind,
): ReadonlyMap<GpuId, GpuDemand> => {
  const demand = new Map<GpuId, GpuDemand>();
  layout.gpus.forEach(({ id, kind: { power } }, index) => {
    const addedW = (view.gpus[index]?.powerW ?? power.ratedW) - power.idleW;
    if (addedW <= 0) return;
    const work = { utilisation: 1, batch: 64, precision: 'bf16', clockShare: 1 };
    const own: GpuDemand = { ...work, stage: workOf(index) };
    const full = dynamicPowerW(power, own);
    // More than its kind of work draws: then it is the kind that draws the most.
    const asked = full >= addedW ? own : { ...work, stage: 'prefill' as const };
    const utilisation = Math.min(1, addedW / Math.max(1, dynamicPowerW(power, asked)));
    demand.set(id, { ...asked, utilisation });
  });
  return demand;
};

/** Writes what is measured over what the model made of it. */
const impose = (
  { layout, gpus, servers }: RoomState,
  view: RoomView,
  workOf: (gpu: number) => WorkKind,
): void => {
  view.servers.forEach(({ inletC, fanShare }, index) => {
    servers.inletC[index] = inletC;
    if (fanShare !== undefined) servers.fanSpeedShare[index] = fanShare;
  });
  view.gpus.forEach(({ coreC, memoryC, powerW }, index) => {
    const gpu = layout.gpus[index];
    if (gpu === undefined) return;
    const fastK = gpu.thermal.fastShare * steadyRiseK(gpu.thermal, powerW);
    const sinkC = coreC - fastK;
    gpus.powerW[index] = powerW;
    gpus.memoryW[index] = memoryPowerW(gpu.kind.power, workOf(index), powerW);
    gpus.fastK[index] = fastK;
    gpus.sinkC[index] = sinkC;
    gpus.memoryK[index] = memoryC - sinkC - gpu.thermal.memory.offsetK;
  });
};
