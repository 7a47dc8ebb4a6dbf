import { exponential } from '@isotherm/kernel';
import {
  clockForPowerShare,
  clockPowerShare,
  dynamicPowerW,
  type GpuDemand,
  type GpuPowerParameters,
} from '../predict/gpu-power.ts';
import { relaxed, steadyRiseK } from '../predict/gpu-temperature.ts';
import type { GpuLimits } from '../fitted/gpu-class.ts';
import type { GpuId } from '../topology/place.ts';
import type { GpuPlace, RoomLayout } from './room-layout.ts';
import type { ThrottleSettings } from './room-settings.ts';
import { at, type RoomState } from './room-state.ts';
import { thermalReasons, throttleReasons as reason } from './throttle-reasons.ts';

/** What each GPU is asked for during a step, worked out once for all its parts. */
export interface Work {
  readonly dynamicW: Float64Array;
  readonly clockShare: Float64Array;
  readonly limitW: Float64Array;
  readonly clockFixedShare: Float64Array;
  readonly memoryShare: Float64Array;
}

const finite = (value: number, otherwise: number): number =>
  Number.isFinite(value) ? value : otherwise;

/** Nonsense in a demand counts as nothing asked for. GPUs without a demand are idle. */
export const workOf = (layout: RoomLayout, demand: ReadonlyMap<GpuId, GpuDemand>): Work => {
  const column = (): Float64Array => new Float64Array(layout.gpus.length);
  const work: Work = {
    ...{ dynamicW: column(), clockShare: column().fill(1), limitW: column() },
    ...{ clockFixedShare: column(), memoryShare: column() },
  };
  layout.gpus.forEach(({ kind: { power } }, index) => {
    work.limitW[index] = power.ratedW;
  });
  for (const [id, asked] of demand) {
    const index = layout.gpuIndex.get(id);
    const gpu = index === undefined ? undefined : layout.gpus[index];
    if (index === undefined || gpu === undefined) continue;
    const { power, limits } = gpu.kind;
    const stage = power.stages[asked.stage];
    const limitW = Math.max(power.idleW, finite(asked.powerLimitW ?? power.ratedW, power.ratedW));
    work.dynamicW[index] = finite(dynamicPowerW(power, asked), 0);
    work.clockShare[index] = bounded(finite(asked.clockShare, 1), limits.clockMinShare);
    work.limitW[index] = Math.min(power.ratedW, limitW);
    work.clockFixedShare[index] = stage.clockFixedShare;
    work.memoryShare[index] = stage.memoryShare;
  }
  return work;
};

/** What of its surroundings a GPU's clock depends on. */
interface Surroundings {
  readonly isLive: boolean;
  readonly isBraked: boolean;
  /** What the server's own cap leaves to each of its GPUs. */
  readonly serverLimitW: number;
}

/** Clocks and powers for the next `dtS`, by the temperatures so far: every GPU protects itself. */
export const clockGpus = (state: RoomState, work: Work, dtS: number): void => {
  const { layout } = state;
  const { throttle, brake } = layout.settings;
  layout.servers.forEach((server, serverIndex) => {
    const isLive =
      at(state.rows.live, server.row) === 1 && at(state.servers.stopped, serverIndex) === 0;
    const surroundings: Surroundings = {
      isLive,
      isBraked: at(state.rows.braked, server.row) === 1,
      serverLimitW: serverLimitW(state, serverIndex),
    };
    for (let index = server.firstGpu; index < server.firstGpu + server.gpuCount; index += 1) {
      const gpu = layout.gpus[index];
      if (gpu === undefined) continue;
      protectGpu(state, index, gpu, throttle, isLive ? dtS : 0);
      clockGpu(state, index, gpu, work, { surroundings, throttle, brakeShare: brake.clockShare });
      countThrottling(state, index, gpu, {
        isBusy: at(work.dynamicW, index) > 0,
        limitW: Math.min(at(work.limitW, index), surroundings.serverLimitW),
        dtS,
      });
    }
  });
};

/** A server's cap, less what its other parts drew, in equal parts to its GPUs. */
const serverLimitW = (state: RoomState, index: number): number => {
  const server = state.layout.servers[index];
  const limitW = server?.plan.limitW;
  if (server === undefined || limitW === undefined) return Infinity;
  let gpusW = 0;
  for (let gpu = server.firstGpu; gpu < server.firstGpu + server.gpuCount; gpu += 1) {
    gpusW += at(state.gpus.powerW, gpu);
  }
  const { supplyEfficiency } = server.kind.server;
  const otherW = Math.max(0, at(state.servers.powerW, index) * supplyEfficiency - gpusW);
  return Math.max(0, limitW * supplyEfficiency - otherW) / server.gpuCount;
};

/** Shutdown, hardware slowdown and the software's thermal control, each with its hysteresis. */
const protectGpu = (
  { gpus }: RoomState,
  index: number,
  { kind: { limits }, thermal }: GpuPlace,
  throttle: ThrottleSettings,
  dtS: number,
): void => {
  const coreC = at(gpus.sinkC, index) + at(gpus.fastK, index);
  const memoryC = at(gpus.sinkC, index) + thermal.memory.offsetK + at(gpus.memoryK, index);
  if (coreC >= limits.shutdownC) gpus.shutDown[index] = 1;
  if (coreC >= limits.slowdownC) gpus.slowed[index] = 1;
  else if (coreC < limits.slowdownC - throttle.hardwareReleaseK) gpus.slowed[index] = 0;
  gpus.thermalClockShare[index] = nextThermalClock(
    at(gpus.thermalClockShare, index),
    overK(coreC, memoryC, limits),
    { throttle, clockMinShare: limits.clockMinShare, dtS },
  );
};

/** How far core or memory is above where clocks are lowered; negative below. */
const overK = (coreC: number, memoryC: number, limits: GpuLimits): number =>
  Math.max(coreC - limits.operatingMaxC, memoryC - limits.memoryMaxC);

/** Falls while too warm, the faster the warmer; comes back slowly, and only well below the limit. */
export const nextThermalClock = (
  clockShare: number,
  aboveK: number,
  by: { readonly throttle: ThrottleSettings; readonly clockMinShare: number; readonly dtS: number },
): number => {
  const { fallPerKS, recoverPerS, recoverBelowK } = by.throttle;
  if (aboveK >= 0) {
    // Half a kelvin at least, or it would hover at the limit.
    const fallen = clockShare * exponential(-fallPerKS * Math.max(0.5, aboveK) * by.dtS);
    return Math.max(by.clockMinShare, fallen);
  }
  if (aboveK > -recoverBelowK) return clockShare;
  return Math.min(1, clockShare + recoverPerS * by.dtS);
};

const clockGpu = (
  { gpus }: RoomState,
  index: number,
  { kind: { power, limits } }: GpuPlace,
  work: Work,
  by: {
    readonly surroundings: Surroundings;
    readonly throttle: ThrottleSettings;
    readonly brakeShare: number;
  },
): void => {
  if (!by.surroundings.isLive || at(gpus.shutDown, index) === 1) {
    gpus.clockShare[index] = 0;
    gpus.powerW[index] = 0;
    gpus.memoryW[index] = 0;
    gpus.reasons[index] = 0;
    return;
  }
  const dynamicW = at(work.dynamicW, index);
  let clock = at(work.clockShare, index);
  let reasons =
    (dynamicW > 0 ? 0 : reason.GpuIdle) | (clock < 1 ? reason.ApplicationsClocksSetting : 0);
  const lowerTo = (share: number, why: number): void => {
    if (share >= clock) return;
    clock = Math.max(limits.clockMinShare, share);
    reasons |= why;
  };
  lowerTo(at(gpus.thermalClockShare, index), reason.SwThermalSlowdown);
  if (at(gpus.slowed, index) === 1) {
    lowerTo(by.throttle.hardwareClockShare, reason.HwThermalSlowdown | reason.HwSlowdown);
  }
  if (by.surroundings.isBraked) {
    lowerTo(by.brakeShare, reason.HwPowerBrakeSlowdown | reason.HwSlowdown);
  }
  const limitW = Math.min(at(work.limitW, index), by.surroundings.serverLimitW);
  lowerTo(
    cappedClock(power, dynamicW, limitW, at(work.clockFixedShare, index), clock),
    reason.SwPowerCap,
  );
  const fixedShare = at(work.clockFixedShare, index);
  const addedW = dynamicW * clockPowerShare(clock, fixedShare, power.voltageMinShare);
  gpus.clockShare[index] = clock;
  gpus.powerW[index] = power.idleW + addedW;
  gpus.memoryW[index] = power.idleMemoryShare * power.idleW + at(work.memoryShare, index) * addedW;
  gpus.reasons[index] = reasons;
};

/** The highest clock within a power limit; the clock as it is where it is within. */
const cappedClock = (
  power: GpuPowerParameters,
  dynamicW: number,
  limitW: number,
  clockFixedShare: number,
  clockMaxShare: number,
): number => {
  const { idleW, voltageMinShare } = power;
  if (idleW + dynamicW <= limitW || dynamicW <= 0) return clockMaxShare;
  return clockForPowerShare((limitW - idleW) / dynamicW, {
    ...{ clockFixedShare, voltageMinShare, clockMinShare: 0, clockMaxShare },
  });
};

const powerReasons = reason.HwPowerBrakeSlowdown | reason.SwPowerCap;

/** Rising edges and seconds of throttling. A cap at the rated power is how boards work, and no event. */
const countThrottling = (
  { gpus }: RoomState,
  index: number,
  { kind }: GpuPlace,
  by: { readonly isBusy: boolean; readonly limitW: number; readonly dtS: number },
): void => {
  const reasons = by.isBusy ? at(gpus.reasons, index) : 0;
  const byPower = reasons & powerReasons;
  const isBoardsOwn = byPower === reason.SwPowerCap && by.limitW >= kind.power.ratedW;
  const isHot = (reasons & thermalReasons) !== 0;
  const isCapped = byPower !== 0 && !isBoardsOwn;
  if (isHot) {
    if (at(gpus.hot, index) === 0) gpus.thermalEvents[index] = at(gpus.thermalEvents, index) + 1;
    gpus.thermalS[index] = at(gpus.thermalS, index) + by.dtS;
  }
  if (isCapped) {
    if (at(gpus.capped, index) === 0) gpus.powerEvents[index] = at(gpus.powerEvents, index) + 1;
    gpus.powerS[index] = at(gpus.powerS, index) + by.dtS;
  }
  gpus.hot[index] = isHot ? 1 : 0;
  gpus.capped[index] = isCapped ? 1 : 0;
};

/** Lets the nodes of every GPU follow their power and inlet for `dtS`. */
export const warmGpus = (
  state: RoomState,
  sinkResistanceShare: Float64Array,
  dtS: number,
): void => {
  const { layout, gpus, servers } = state;
  layout.gpus.forEach(({ thermal, server }, index) => {
    const riseK = steadyRiseK(thermal, at(gpus.powerW, index));
    const sinkK = (1 - thermal.fastShare) * riseK * at(sinkResistanceShare, server);
    const sinkC = at(servers.inletC, server) + thermal.offsetK + sinkK;
    const memoryK = thermal.memory.riseKPerW * at(gpus.memoryW, index);
    gpus.sinkC[index] = relaxed(at(gpus.sinkC, index), sinkC, dtS, thermal.slowTauS);
    gpus.fastK[index] = relaxed(
      ...([at(gpus.fastK, index), thermal.fastShare * riseK, dtS, thermal.fastTauS] as const),
    );
    gpus.memoryK[index] = relaxed(at(gpus.memoryK, index), memoryK, dtS, thermal.memory.tauS);
  });
};

const bounded = (share: number, min: number): number => Math.min(1, Math.max(min, share));
