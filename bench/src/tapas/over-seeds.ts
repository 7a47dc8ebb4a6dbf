import { median } from '../report/percentiles.ts';
import type { Figures } from '../report/result.ts';
import type { SimulatedRow } from './simulated.ts';

/** What a figure is with one seed and another: how far what is drawn carries. */
export interface Spread {
  readonly least: number;
  readonly most: number;
  /** Seeds of which there is a figure. */
  readonly seeds: number;
}

export interface OverSeeds {
  /** The median of the seeds' own figures; null where no seed has one. */
  readonly figures: Figures;
  readonly spread: Readonly<Record<string, Spread>>;
  readonly bySeed: Readonly<Record<string, Figures>>;
}

/** Figures of each seed's runs by themselves: an arm is compared with the same room and the same requests. */
export const overSeeds = (
  runs: readonly SimulatedRow[],
  figuresOf: (runs: readonly SimulatedRow[]) => Figures,
): OverSeeds => {
  const seeds = [...new Set(runs.map(({ seed }) => Number(seed)))];
  const bySeed = new Map(
    seeds.map((seed) => [`${seed}`, figuresOf(runs.filter((run) => run['seed'] === seed))]),
  );
  const figures: Record<string, number | null> = {};
  const spread: Record<string, Spread> = {};
  for (const name of Object.keys(figuresOf(runs))) {
    const values = [...bySeed.values()]
      .map((own) => own[name])
      .filter((value) => typeof value === 'number');
    figures[name] = values.length === 0 ? null : Number(median(values).toPrecision(4));
    if (values.length === 0) continue;
    spread[name] = { least: Math.min(...values), most: Math.max(...values), seeds: values.length };
  }
  return { figures, spread, bySeed: Object.fromEntries(bySeed) };
};
