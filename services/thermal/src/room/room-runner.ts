import type { Clock } from '@isotherm/kernel';
import type { GpuDemand, GpuId } from '@isotherm/plant';
import type { EmergencyBook } from '../emergency/emergency-book.ts';
import { disturbancesOf, warmerKOf } from '../emergency/emergency.ts';
import { createEmergencyBook } from '../emergency/emergency-book.ts';
import type { TelemetryIntake } from '../telemetry/intake.ts';
import type { RoomFile } from '../topology/room-file.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { readSensors } from './sensors.ts';
import { createThrottleCounter, type ThrottleEvents } from './throttle-counter.ts';
import { createVirtualRoom, type VirtualRoom, type VirtualRoomOptions } from './virtual-room.ts';

/** The room that is kept: a real one, which reports by itself, or a virtual one that is stepped here and read. */
export interface RoomRunner {
  /** Absent: the room is real. */
  readonly virtual: VirtualRoom | undefined;
  readonly emergencies: EmergencyBook;
  /** Plant time in seconds; of a real room: since the start. */
  plantS(): number;
  throttleEvents(): ThrottleEvents;
  /** Steps a virtual room with what is asked of its GPUs, and reads its sensors. */
  step(demand: ReadonlyMap<GpuId, GpuDemand>, limitsW: ReadonlyMap<GpuId, number>): void;
}

const source = { name: 'room', kind: 'room' } as const;

/** `options` absent: the room is real. */
export const createRoomRunner = (
  parts: {
    readonly room: RoomFile;
    readonly index: RoomIndex;
    readonly intake: TelemetryIntake;
    readonly clock: Clock;
  },
  options: VirtualRoomOptions | undefined,
): RoomRunner => {
  const { room, index, intake, clock } = parts;
  const startMs = clock.monotonicMs();
  const virtual =
    options === undefined ? undefined : createVirtualRoom(room, index, options, startMs);
  const plantS = (): number => virtual?.plantS ?? (clock.monotonicMs() - startMs) / 1000;
  const emergencies = createEmergencyBook({
    ...{ nowMs: () => clock.nowMs(), plantS, timeScale: options?.timeScale ?? 1 },
  });
  const throttles = createThrottleCounter();
  if (virtual === undefined) intake.listen((reading) => throttles.hear(reading));
  return {
    ...{ virtual, emergencies, plantS },
    throttleEvents: () => (virtual === undefined ? throttles.events : eventsOf(virtual)),
    step: (demand, limitsW) => {
      if (virtual === undefined) return;
      const active = emergencies.active();
      const trouble = { disturbances: disturbancesOf(active, index), warmerK: warmerKOf(active) };
      virtual.advance(clock.monotonicMs(), { demand, limitsW, trouble });
      const { state, outsideC } = virtual;
      const readings = readSensors(state, outsideC, (gpu) => virtual.utilisationOf(gpu));
      intake.accept(source, clock.nowMs(), readings);
    },
  };
};

/** The model counts every step; a counter of readings would miss what is over between two. */
const eventsOf = ({ state: { gpus } }: VirtualRoom): ThrottleEvents => ({
  thermal: gpus.thermalEvents.reduce((sum, each) => sum + each, 0),
  power: gpus.powerEvents.reduce((sum, each) => sum + each, 0),
});
