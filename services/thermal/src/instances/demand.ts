import type { Stage } from '@isotherm/kernel';
import type { GpuDemand, GpuId, RoomLayout, WorkKind } from '@isotherm/plant';
import type { PlacedInstance } from './instance-book.ts';

/** How a stage heats what it runs on. A whole model is a bit of everything. */
export const workKindOf = (stage: Stage): WorkKind => (stage === 'whole' ? 'other' : stage);

/**
 * What instances ask of the GPUs at their places. `clockShareOf` is the clock that each was told to run at by us, not
 * the one that a hot GPU leaves it: that would throttle twice. Instances that share a GPU add up.
 */
export const demandOf = (
  instances: readonly PlacedInstance[],
  { gpus: columns }: RoomLayout,
  clockShareOf: (instance: string) => number,
): ReadonlyMap<GpuId, GpuDemand> => {
  const demand = new Map<GpuId, GpuDemand>();
  for (const { record, gpus, load } of instances) {
    if (load === undefined) continue;
    for (const gpu of gpus) {
      const id = columns[gpu]?.id;
      if (id === undefined) continue;
      const own: GpuDemand = {
        stage: workKindOf(record.stage),
        utilisation: load.utilisation,
        batch: load.batch,
        precision: load.precision,
        clockShare: clockShareOf(record.id),
        tensorParallel: gpus.length,
      };
      const other = demand.get(id);
      demand.set(id, other === undefined ? own : together(own, other));
    }
  }
  return demand;
};

const together = (one: GpuDemand, other: GpuDemand): GpuDemand => {
  const major = one.utilisation >= other.utilisation ? one : other;
  return {
    ...major,
    utilisation: Math.min(1, one.utilisation + other.utilisation),
    clockShare: Math.max(one.clockShare, other.clockShare),
  };
};
