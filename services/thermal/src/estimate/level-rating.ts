import {
  airHeatJPerM3K,
  loadFanSpeed,
  fanAirflowM3s,
  type RoomLayout,
  steadyServerPowerW,
} from '@isotherm/plant';

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
  readonly aisles: readonly Rating[];
  readonly room: Rating;
  /** Watts for which a cubic metre of air a second is moved at full load, by aisle. */
  readonly aisleWPerM3s: readonly number[];
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
  const below = (count: number, of: (server: number) => number): readonly Rating[] =>
    Array.from({ length: count }, (_, level) =>
      servers.filter((__, server) => of(server) === level).reduce(sum, nothing),
    );
  const aisles = below(layout.aisles.length, (server) => layout.servers[server]?.aisle ?? -1);
  return {
    ...{ servers, aisles },
    racks: below(layout.racks.length, (server) => layout.servers[server]?.rack ?? -1),
    rows: below(layout.rows.length, (server) => layout.servers[server]?.row ?? -1),
    room: servers.reduce(sum, nothing),
    // An aisle without servers: any figure does, as long as it is one.
    aisleWPerM3s: aisles.map(({ fullW, fullM3s }) =>
      fullM3s > 0 ? fullW / fullM3s : airHeatJPerM3K * emptyRiseK,
    ),
  };
};

const emptyRiseK = 15;
const nothing: Rating = { idleW: 0, fullW: 0, idleM3s: 0, fullM3s: 0 };
const sum = (one: Rating, other: Rating): Rating => ({
  idleW: one.idleW + other.idleW,
  fullW: one.fullW + other.fullW,
  idleM3s: one.idleM3s + other.idleM3s,
  fullM3s: one.fullM3s + other.fullM3s,
});
