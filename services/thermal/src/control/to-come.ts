import type { GpuDemand, GpuId, RoomLayout } from '@isotherm/plant';
import { demandOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';

/** What GPUs will be asked for once all is followed that was commanded: predictions are made with it. */
export interface ToCome {
  readonly demand: ReadonlyMap<GpuId, GpuDemand>;
  /** Power limits of GPUs. */
  readonly limitsW: ReadonlyMap<GpuId, number>;
}

export const nothingToCome: ToCome = { demand: new Map(), limitsW: new Map() };

/** Commands, and which of them are so fresh that measurements may not show them yet. */
export interface FreshCommands {
  /** Of instances, and of servers of opaque tenants. */
  isFresh(id: string): boolean;
  isStopped(instance: string): boolean;
  clockShareOf(instance: string): number;
  /** Precision that it is to load; undefined: as it is. */
  precisionOf(instance: string): string | undefined;
  /** What it does at most once it follows, as a share of what it does as configured. */
  speedOf(instance: string): number;
  /** The part of its time that it works for what it is meant to do, as it was configured. */
  busyOf(instance: string): number;
  readonly limitsW: ReadonlyMap<GpuId, number>;
}

export const toCome = (
  instances: readonly PlacedInstance[],
  layout: RoomLayout,
  commands: FreshCommands,
): ToCome => {
  const fresh = new Set<GpuId>();
  const expected = instances.map((instance): PlacedInstance => {
    const { record, gpus, load } = instance;
    if (load === undefined || !commands.isFresh(record.id)) return instance;
    for (const gpu of gpus) {
      const id = layout.gpus[gpu]?.id;
      if (id !== undefined) fresh.add(id);
    }
    const busy = Math.min(1, commands.busyOf(record.id) / commands.speedOf(record.id));
    const utilisation = commands.isStopped(record.id) ? 0 : busy;
    const precision = commands.precisionOf(record.id) ?? load.precision;
    return { ...instance, load: { ...load, utilisation, precision } };
  });
  if (fresh.size === 0 && commands.limitsW.size === 0) return nothingToCome;
  const demand = demandOf(expected, layout, (id) => commands.clockShareOf(id));
  return {
    demand: new Map([...demand].filter(([id]) => fresh.has(id))),
    limitsW: commands.limitsW,
  };
};
