import type { GetRoomResponse } from '@isotherm/proto';
import { isSlowed, type RoomSample, roomSampleOf } from '../heat/room-watcher.ts';

/** The room at one time, with who loses what. */
export interface EmergencySample extends RoomSample {
  readonly shutDownGpus: number;
  /** Rows and UPS units that are dark. */
  readonly dark: readonly string[];
  /** The greatest power of a row or UPS ÷ its limit. */
  readonly loadShare: number;
  /** Servers of opaque tenants of which a GPU is capped or slowed, and what all their GPUs draw, in W. */
  readonly opaqueSlowed: number;
  readonly opaqueGpuW: number;
}

export const emergencySampleOf = (room: GetRoomResponse): EmergencySample => {
  const opaque = room.servers.filter(({ tenant }) => tenant === 'opaque');
  const fed = room.levels.filter(({ level }) => level?.kind === 'row' || level?.kind === 'ups');
  const gpus = room.servers.flatMap((server) => server.gpus);
  return {
    ...roomSampleOf(room),
    shutDownGpus: gpus.filter(({ shutDown }) => shutDown).length,
    dark: fed.flatMap(({ level, state }) => (state === 'tripped' ? [level?.id ?? ''] : [])),
    loadShare: Math.max(0, ...fed.map(({ used, limit }) => (limit > 0 ? used / limit : 0))),
    opaqueSlowed: opaque.filter((server) => server.gpus.some(isSlowed)).length,
    opaqueGpuW: opaque
      .flatMap((server) => server.gpus)
      .reduce((sum, { powerW }) => sum + powerW, 0),
  };
};
