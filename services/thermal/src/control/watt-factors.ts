import { clockPowerShare } from '@isotherm/plant';
import { workKindOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { EntryRates } from '../profiles/entry-rates.ts';
import type { Round } from '../round/round.ts';

/**
 * How much more the GPUs of instances draw than their profiles say, learnt from what is measured: a profile was measured on other
 * machines, or in a plant that is not this one. The share of what comes on top of idle power.
 */
export interface WattFactors {
  /** `ratesOf`: what an instance has loaded, where its profile is of its hardware. */
  follow(
    round: Pick<Round, 'instances' | 'view' | 'plantS' | 'now'>,
    ratesOf: (instance: PlacedInstance) => EntryRates | undefined,
  ): void;
  of(instance: string): number;
}

/** Over so many plant seconds both sides are averaged: sensors lag behind what engines count. */
const meanS = 60;
/** Less work than this, of a GPU all of the time, says nothing. */
const busyMin = 0.1;
const bounds = { min: 0.25, max: 2 };

interface Sums {
  readonly measuredW: number;
  readonly expectedW: number;
  readonly atS: number;
}

export const createWattFactors = (): WattFactors => {
  const sums = new Map<string, Sums>();
  return {
    follow: ({ instances, view, plantS, now }, ratesOf) => {
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const id of sums.keys()) if (!living.has(id)) sums.delete(id);
      for (const instance of instances) {
        const { record, load, gpus } = instance;
        const rates = ratesOf(instance);
        const [first] = gpus;
        const kind = first === undefined ? undefined : now.layout.gpus[first]?.kind;
        const fullW = rates?.powerW(Math.min(rates.entry.batchMax, Math.max(1, load?.batch ?? 1)));
        if (load === undefined || kind === undefined || fullW === undefined) continue;
        if (load.utilisation < busyMin || gpus.some((gpu) => view.gpus[gpu]?.doubt !== ''))
          continue;
        const { idleW, stages, voltageMinShare } = kind.power;
        const { clockFixedShare } = stages[workKindOf(record.stage)];
        const left = clockPowerShare(load.clockShare, clockFixedShare, voltageMinShare);
        const expectedW = Math.max(0, fullW - gpus.length * idleW) * left * load.utilisation;
        const measuredW = gpus.reduce(
          (sum, gpu) => sum + Math.max(0, (view.gpus[gpu]?.powerW ?? idleW) - idleW),
          0,
        );
        const before = sums.get(record.id) ?? { measuredW: 0, expectedW: 0, atS: plantS };
        const kept = Math.exp(-Math.max(0, plantS - before.atS) / meanS);
        sums.set(record.id, {
          measuredW: kept * before.measuredW + measuredW,
          expectedW: kept * before.expectedW + expectedW,
          atS: plantS,
        });
      }
    },
    of: (instance) => {
      const { measuredW, expectedW } = sums.get(instance) ?? { measuredW: 0, expectedW: 0 };
      if (!(expectedW > 0)) return 1;
      return Math.min(bounds.max, Math.max(bounds.min, measuredW / expectedW));
    },
  };
};
