import {
  clockPowerShare,
  dynamicPowerW,
  type GpuDemand,
  memoryPowerW,
  type Rating,
  type RoomLayout,
  steadyGpu,
  type WorkKind,
} from '@isotherm/plant';
import type { Profile } from '@isotherm/policy';

/** What an instance runs on, and how. */
export interface ProfiledWork {
  readonly kind: WorkKind;
  readonly model: string;
  readonly precision: string;
  readonly batch: number;
  /** Its GPUs, all alike. */
  readonly gpus: readonly Pick<RoomLayout['gpus'][number], 'kind' | 'thermal'>[];
  /** What each of its GPUs draws while it works at full clock, in watts; absent: by the plant's model. */
  readonly fullGpuW?: number | undefined;
  /** Its server, and how many GPUs that has. */
  readonly server: Rating;
  readonly serverGpus: number;
}

/** Shares of the full clock that are considered. */
export const clockShares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3] as const;

/** Watts at the server's plug for a watt that its GPUs draw above idle: fans, supplies and the rest go with it. */
export const plugWPerGpuW = (server: Rating, serverGpus: number, addedW: number): number =>
  addedW > 0 ? (server.fullW - server.idleW) / (serverGpus * addedW) : 1;

/**
 * Profiles by clock alone, from the plant's models, for work of which nobody measured any. Assumed: work done goes with the
 * clock, which is so for engines that rest, and is too little for decode on a GPU, which waits for memory.
 */
export const clockProfiles = (work: ProfiledWork): readonly Profile[] => {
  const [gpu] = work.gpus;
  if (gpu === undefined) return [];
  const { power } = gpu.kind;
  const count = work.gpus.length;
  const factor = plugWPerGpuW(work.server, work.serverGpus, power.ratedW - power.idleW);
  const idleW = (count * work.server.idleW) / work.serverGpus;
  const demand: GpuDemand = {
    ...{ stage: work.kind, utilisation: 1, batch: work.batch, precision: work.precision },
    ...{ clockShare: 1, tensorParallel: count },
  };
  const fullAboveIdleW =
    work.fullGpuW === undefined
      ? dynamicPowerW(power, demand)
      : Math.max(0, work.fullGpuW - power.idleW);
  const { clockFixedShare } = power.stages[work.kind];
  return clockShares.map((clockShare): Profile => {
    const left = clockPowerShare(clockShare, clockFixedShare, power.voltageMinShare);
    const gpuW = Math.min(power.ratedW, power.idleW + fullAboveIdleW * left);
    const memoryW = memoryPowerW(power, work.kind, gpuW);
    const warm = steadyGpu(gpu.thermal, { inletC: 0, powerW: gpuW, memoryPowerW: memoryW });
    return {
      configuration: {
        ...{ model: work.model, precision: work.precision, parallelism: count, batchMax: 0 },
        clockShare,
      },
      goodput: clockShare,
      ...{ idleW, fullW: idleW + count * factor * (gpuW - power.idleW) },
      ...{ coreK: warm.coreC, memoryK: warm.memoryC, quality: 1, reloadS: 0 },
    };
  });
};
