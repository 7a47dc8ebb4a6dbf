import type { Clock } from '@isotherm/kernel';
import type { Logger } from '@isotherm/runtime';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { ThermalSettings } from '../settings.ts';
import { runCommand } from '../sources/nvidia-smi/run-command.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import type { Conductor } from './conductor.ts';
import { createGpuActuator, type WantedGpu } from './gpu-actuator.ts';

/** Longest run of a command, in milliseconds. */
const commandMsMax = 10_000;
/** Shortest time between two commands to one GPU, in milliseconds. */
const intervalMs = 5_000;

/** Steers the GPUs of this very machine, by the id that the room has it by; without one does nothing. */
export const steerOwnGpus = (
  settings: ThermalSettings,
  { layout, servers }: RoomIndex,
  conductor: Conductor,
  clock: Clock,
  logger: Logger,
): ((instances: readonly PlacedInstance[]) => void) => {
  const server = servers.get(settings.gpuServer);
  const place = server === undefined ? undefined : layout.servers[server];
  if (settings.gpuServer === '') return () => undefined;
  if (server === undefined || place === undefined) {
    throw new Error(`ISOTHERM_GPU_SERVER: the room has no server ${settings.gpuServer}`);
  }
  const gpus = layout.gpus.slice(place.firstGpu, place.firstGpu + place.gpuCount);
  const actuator = createGpuActuator(
    {
      ...{ command: 'nvidia-smi', clockMaxMhz: settings.gpuClockMaxMhz, intervalMs },
      ...{ powerMaxW: gpus[0]?.kind.power.ratedW ?? 0, dryRun: !settings.gpuActuate },
    },
    async (command, words) => {
      const signal = AbortSignal.timeout(commandMsMax);
      const { failed, text } = await runCommand([command, ...words], signal);
      if (failed) throw new Error(text.slice(0, 500));
    },
    clock,
    logger,
  );
  return (instances) => {
    const wanted = new Map<number, WantedGpu>();
    for (const { record, gpus: columns, server: at } of instances) {
      const clockShare = at === server ? (conductor.wantedOf(record.id).clockShare ?? 1) : 1;
      if (clockShare >= 1) continue;
      for (const gpu of columns) wanted.set(gpu - place.firstGpu, { clockShare });
    }
    gpus.forEach(({ id }, gpu) => {
      const powerLimitW = conductor.limitsW().get(id);
      if (powerLimitW !== undefined) {
        wanted.set(gpu, { clockShare: wanted.get(gpu)?.clockShare ?? 1, powerLimitW });
      }
    });
    actuator.reconcile(wanted);
  };
};
