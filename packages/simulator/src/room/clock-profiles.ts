import {
  type GpuDemand,
  memoryPowerW,
  predictGpuPowerW,
  type Rating,
  type RoomLayout,
  steadyGpu,
  type WorkKind,
} from '@isotherm/plant';
import type { Profile } from '@isotherm/policy';

/** Shares of the full clock that are considered, as the thermal service does. */
const clockShares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3] as const;

/** Watts at the server's plug for a watt that its GPUs draw above idle: fans and supplies go with it. */
export const plugWPerGpuW = (server: Rating, serverGpus: number, addedW: number): number =>
  addedW > 0 ? (server.fullW - server.idleW) / (serverGpus * addedW) : 1;

export interface ProfiledWork {
  readonly kind: WorkKind;
  readonly model: string;
  readonly batch: number;
  /**
   * How busy it is whatever it serves, 0 to 1: a single sequence keeps a decode instance at work all the time. What it draws by
   * that counts as drawn without load.
   */
  readonly busyFloor: number;
  /** What of its time does not follow the clock; 0: all does, as whoever does not know stages takes it. */
  readonly clockFixedShare: number;
  readonly parametersB: number | undefined;
}

/** What is done in a time at a share of the clock, as a share of what is done at the full one. */
export const speedAt = (clockShare: number, clockFixedShare: number): number =>
  clockShare > 0 ? 1 / (clockFixedShare + (1 - clockFixedShare) / clockShare) : 0;

/** What an instance serves and draws at each clock, by the plant's models. */
export const clockProfiles = (
  work: ProfiledWork,
  gpus: readonly RoomLayout['gpus'][number][],
  server: Rating,
  serverGpus: number,
): readonly Profile[] => {
  const [gpu] = gpus;
  if (gpu === undefined) return [];
  const { power } = gpu.kind;
  const factor = plugWPerGpuW(server, serverGpus, power.ratedW - power.idleW);
  const restW = (gpus.length * server.idleW) / serverGpus;
  return clockShares.map((clockShare): Profile => {
    const demand: GpuDemand = {
      ...{ stage: work.kind, utilisation: 1, batch: work.batch, precision: 'bf16' },
      ...{ clockShare, tensorParallel: gpus.length, activeParametersB: work.parametersB },
    };
    const gpuW = Math.min(power.ratedW, predictGpuPowerW(power, demand));
    const plugW = (each: number): number => restW + gpus.length * factor * (each - power.idleW);
    const floorW = predictGpuPowerW(power, { ...demand, utilisation: work.busyFloor });
    const memoryW = memoryPowerW(power, work.kind, gpuW);
    const warm = steadyGpu(gpu.thermal, { inletC: 0, powerW: gpuW, memoryPowerW: memoryW });
    return {
      configuration: {
        ...{ model: work.model, precision: 'bf16', parallelism: gpus.length, batchMax: 0 },
        clockShare,
      },
      ...{
        goodput: speedAt(clockShare, work.clockFixedShare),
        idleW: plugW(floorW),
        fullW: plugW(gpuW),
      },
      ...{ coreK: warm.coreC, memoryK: warm.memoryC, quality: 1, reloadS: 0 },
    };
  });
};
