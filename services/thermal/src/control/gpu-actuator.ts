import { type Clock } from '@isotherm/kernel';
import type { Logger } from '@isotherm/runtime';

/** How one GPU of this machine is to run. */
export interface WantedGpu {
  /** Share of its full clock; 1: not locked. */
  readonly clockShare: number;
  /** Absent: the board's own. */
  readonly powerLimitW?: number;
}

export interface GpuActuatorOptions {
  /** The program, as a path or a name. */
  readonly command: string;
  /** The full clock of these GPUs, in MHz. */
  readonly clockMaxMhz: number;
  /** What the board's own limit is, in watts. */
  readonly powerMaxW: number;
  /** Says the command and does not run it. */
  readonly dryRun: boolean;
  /** Shortest time between two commands to one GPU, in milliseconds. */
  readonly intervalMs: number;
}

/** Runs a program with arguments; rejects when it fails. */
export type RunProgram = (command: string, words: readonly string[]) => Promise<unknown>;

/**
 * Locks clocks and limits power of this machine's own GPUs by `nvidia-smi`, whose `-lgc`, `-rgc` and `-pl` need the rights of
 * root. The driver keeps what it was told last; a restart of the machine forgets it.
 */
export interface GpuActuator {
  /** By index of the GPU. Those that are not named are given back what they had. */
  reconcile(wanted: ReadonlyMap<number, WantedGpu>): void;
}

interface Told extends WantedGpu {
  readonly atMs: number;
}

const same = (one: WantedGpu, other: WantedGpu): boolean =>
  Math.abs(one.clockShare - other.clockShare) < 0.01 &&
  Math.abs((one.powerLimitW ?? 0) - (other.powerLimitW ?? 0)) < 1;

const free: WantedGpu = { clockShare: 1 };

export const createGpuActuator = (
  options: GpuActuatorOptions,
  run: RunProgram,
  clock: Clock,
  logger: Logger,
): GpuActuator => {
  const told = new Map<number, Told>();
  return {
    reconcile: (wanted) => {
      const nowMs = clock.monotonicMs();
      for (const gpu of new Set([...told.keys(), ...wanted.keys()])) {
        const next = wanted.get(gpu) ?? free;
        const before = told.get(gpu);
        if (same(before ?? free, next)) continue;
        if (before !== undefined && nowMs - before.atMs < options.intervalMs) continue;
        told.set(gpu, { ...next, atMs: nowMs });
        for (const words of gpuCommands(gpu, before ?? free, next, options)) {
          logger.info({ command: [options.command, ...words], dryRun: options.dryRun }, 'gpu');
          if (options.dryRun) continue;
          run(options.command, words).catch((error: unknown) => {
            logger.warn({ err: error, gpu }, 'gpu command failed');
          });
        }
      }
    },
  };
};

/** The arguments that bring a GPU from one setting to another. */
export const gpuCommands = (
  gpu: number,
  from: WantedGpu,
  to: WantedGpu,
  { clockMaxMhz, powerMaxW }: Pick<GpuActuatorOptions, 'clockMaxMhz' | 'powerMaxW'>,
): readonly (readonly string[])[] => {
  const commands: (readonly string[])[] = [];
  if (Math.abs(from.clockShare - to.clockShare) >= 0.01) {
    const mhz = Math.round(clockMaxMhz * to.clockShare);
    commands.push(
      to.clockShare >= 1 ? ['-i', `${gpu}`, '-rgc'] : ['-i', `${gpu}`, '-lgc', `0,${mhz}`],
    );
  }
  const [before, after] = [from.powerLimitW ?? powerMaxW, to.powerLimitW ?? powerMaxW];
  if (Math.abs(before - after) >= 1) {
    commands.push(['-i', `${gpu}`, '-pl', `${Math.round(Math.min(powerMaxW, after))}`]);
  }
  return commands;
};
