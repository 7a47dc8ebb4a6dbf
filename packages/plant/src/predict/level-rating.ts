import type { RoomLayout } from '../room/room-layout.ts';
import { fanAirflowM3s, loadFanSpeed, steadyServerPowerW } from './server-power.ts';

/** What a server, and all servers below a level, draw and breathe when idle and when every GPU is at its rated power. */
export interface Rating {
  readonly idleW: number;
  readonly fullW: number;
  readonly idleM3s: number;
  readonly fullM3s: number;
}

export interface Ratings {
  readonly servers: readonly Rating[];
  readonly racks: readonly Rating[];
  readonly rows: readonly Rating[];
  readonly ups: readonly Rating[];
  readonly aisles: readonly Rating[];
  readonly room: Rating;
}

export const ratingsOf = (layout: RoomLayout): Ratings => {
  const servers = layout.servers.map(({ kind, gpuCount, gpusRatedW, firstGpu }): Rating => {
    const idleGpuW = layout.gpus[firstGpu]?.kind.power.idleW ?? 0;
    const idleShare = gpusRatedW > 0 ? (idleGpuW * gpuCount) / gpusRatedW : 0;
    const { fans } = kind.server;
    return {
      idleW: steadyServerPowerW(kind.server, idleGpuW * gpuCount, gpusRatedW),
      fullW: steadyServerPowerW(kind.server, gpusRatedW, gpusRatedW),
      idleM3s: fanAirflowM3s(fans, loadFanSpeed(fans, idleShare)),
      fullM3s: fanAirflowM3s(fans, loadFanSpeed(fans, 1)),
    };
  });
  const below = (count: number, of: (server: number) => number): readonly Rating[] => {
    const sums = Array.from({ length: count }, () => nothing);
    servers.forEach((rating, server) => {
      const level = of(server);
      const before = sums[level];
      if (before !== undefined) sums[level] = sum(before, rating);
    });
    return sums;
  };
  const rowOf = (server: number): number => layout.servers[server]?.row ?? -1;
  return {
    servers,
    racks: below(layout.racks.length, (server) => layout.servers[server]?.rack ?? -1),
    rows: below(layout.rows.length, rowOf),
    ups: below(layout.ups.length, (server) => layout.rows[rowOf(server)]?.ups ?? -1),
    aisles: below(layout.aisles.length, (server) => layout.servers[server]?.aisle ?? -1),
    room: servers.reduce(sum, nothing),
  };
};

const nothing: Rating = { idleW: 0, fullW: 0, idleM3s: 0, fullM3s: 0 };
const sum = (one: Rating, other: Rating): Rating => ({
  idleW: one.idleW + other.idleW,
  fullW: one.fullW + other.fullW,
  idleM3s: one.idleM3s + other.idleM3s,
  fullM3s: one.fullM3s + other.fullM3s,
});
