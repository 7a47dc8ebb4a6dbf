import type { Figures } from '../report/result.ts';
import { fieldOf } from '../tapas/tapas-figures.ts';
import type { SimulatedRow } from '../tapas/simulated.ts';

export const kindsAtScale = ['cooling', 'power', 'ahu', 'ups', 'heat-wave'] as const;
export const whoGives = ['isotherm', 'uniform', 'hardware'] as const;

/** Sums and means over the five kinds, by who gives; of each kind in the raw result. */
export const scaleFigures = (rows: readonly SimulatedRow[]): Figures =>
  Object.fromEntries(
    whoGives.flatMap((who) => {
      const arms = kindsAtScale.map((kind) => `${kind}-${who}`);
      const sum = (field: string): number | null => {
        const values = arms.map((arm) => fieldOf(rows, arm, field));
        if (values.includes(undefined)) return null;
        return values.reduce<number>((total, value) => total + (value ?? 0), 0);
      };
      const arrived = sum('arrived');
      const good = arms.reduce(
        (total, arm) =>
          total + (fieldOf(rows, arm, 'slo_share') ?? 0) * (fieldOf(rows, arm, 'done') ?? 0),
        0,
      );
      const mean = (field: string): number | null => {
        const total = sum(field);
        return total === null ? null : rounded(total / arms.length);
      };
      return [
        [`shut_downs_${who}`, sum('shut_downs')],
        [`opaque_capped_time_share_${who}`, mean('opaque_capped_time_share')],
        [`goodput_share_${who}`, arrived === null ? null : rounded(good / Math.max(1, arrived))],
        [`power_time_share_${who}`, mean('power_time_share')],
      ];
    }),
  );

const rounded = (value: number): number => Number(value.toPrecision(4));
