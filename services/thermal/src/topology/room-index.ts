import { initialRoom, type RoomLayout, type RoomPlan } from '@isotherm/plant';
import type { LevelRef } from './level.ts';

/** A plan with its levels, GPUs and servers found by id, in the order of the plant's columns. */
export interface RoomIndex {
  readonly plan: RoomPlan;
  readonly layout: RoomLayout;
  readonly servers: ReadonlyMap<string, number>;
  readonly gpus: ReadonlyMap<string, number>;
  /** Ids of all AHUs with their aisles. */
  readonly ahus: ReadonlyMap<string, string>;
  /** Every level that can be read. */
  readonly levels: readonly LevelRef[];
  has(of: LevelRef): boolean;
  /** What feeds a server with power and air: rack, row, UPS, aisle. */
  above(server: number): readonly LevelRef[];
}

export const indexRoom = (plan: RoomPlan): RoomIndex => {
  const { layout } = initialRoom(plan);
  const refs = (level: LevelRef['level'], ids: readonly string[]): readonly LevelRef[] =>
    ids.map((id) => ({ level, id }));
  const levels = [
    ...refs('room', [plan.name]),
    ...refs('aisle', idsOf(plan.aisles)),
    ...refs('ups', idsOf(layout.ups)),
    ...refs('row', idsOf(plan.rows)),
    ...refs('rack', idsOf(layout.racks)),
    ...refs(
      'server',
      layout.servers.map(({ plan: { id } }) => id),
    ),
    ...refs('gpu', idsOf(layout.gpus)),
  ];
  const known = new Set(levels.map(({ level, id }) => `${level} ${id}`));
  return {
    ...{ plan, layout, levels },
    servers: new Map(layout.servers.map(({ plan: { id } }, index) => [id, index])),
    gpus: layout.gpuIndex,
    ahus: new Map(plan.aisles.flatMap(({ id, ahus }) => ahus.map((ahu) => [ahu.id, id]))),
    has: ({ level, id }) => known.has(`${level} ${id}`),
    above: (server) => aboveOf(layout, server),
  };
};

const idsOf = (list: readonly { readonly id: string }[]): readonly string[] =>
  list.map(({ id }) => id);

const aboveOf = (layout: RoomLayout, index: number): readonly LevelRef[] => {
  const server = layout.servers[index];
  const row = server === undefined ? undefined : layout.rows[server.row];
  const rack = server === undefined ? undefined : layout.racks[server.rack];
  if (row === undefined || rack === undefined) return [];
  return [
    { level: 'rack', id: rack.id },
    { level: 'row', id: row.plan.id },
    { level: 'ups', id: row.plan.ups },
    { level: 'aisle', id: row.plan.aisle },
  ];
};
