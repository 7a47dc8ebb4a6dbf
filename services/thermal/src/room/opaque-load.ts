import { uniformAt } from '@isotherm/kernel';
import type { GpuDemand, GpuId, RoomLayout } from '@isotherm/plant';

/** How customers' own machines work in a virtual room: nobody but their power is seen of them. */
export interface OpaqueLoadOptions {
  readonly seed: number;
  /** Mean utilisation of their GPUs, 0 to 1. */
  readonly mean: number;
  /** How much it swings over a day, 0 to 1. */
  readonly swing: number;
}

const dayS = 86_400;
/** A tenant works steadily for so long, then differently: jobs begin and end. */
const spellS = 600;
/** By how much spells differ from the day's curve. */
const spellSpread = 0.15;

/** What the GPUs of opaque tenants are asked for at one plant time: a function of seed, server and time. */
export const opaqueDemand = (
  layout: RoomLayout,
  { seed, mean, swing }: OpaqueLoadOptions,
  atS: number,
): ReadonlyMap<GpuId, GpuDemand> => {
  const demand = new Map<GpuId, GpuDemand>();
  layout.servers.forEach(({ plan, firstGpu, gpuCount }, server) => {
    if (plan.tenant !== 'opaque') return;
    const phase = uniformAt(seed, server);
    const daily = Math.sin(2 * Math.PI * (atS / dayS + phase));
    const spell = Math.floor(atS / spellS + phase);
    const offset = 2 * uniformAt(seed + 1 + server, spell) - 1;
    const utilisation = Math.min(1, Math.max(0, mean + swing * daily + spellSpread * offset));
    for (let gpu = firstGpu; gpu < firstGpu + gpuCount; gpu += 1) {
      const id = layout.gpus[gpu]?.id;
      if (id === undefined) continue;
      const work = { stage: 'other', utilisation, batch: 1, precision: 'bf16' } as const;
      demand.set(id, { ...work, clockShare: 1 });
    }
  });
  return demand;
};
