import { studyProfile } from '../simulator/fleet.ts';
import { highestRate, isKept } from './highest-rate.ts';
import { neighbours, type Shape, startLayouts } from './layouts.ts';
import { type ArmSpec, type PoolSpec, runPoint, type Traffic } from './run-arm.ts';

export interface LayoutSearch {
  readonly profile: string;
  readonly shape: Shape;
  readonly gpus: number;
  readonly rules: Omit<ArmSpec, 'pools'>;
  readonly traffic: Traffic;
  readonly sloTimes: number;
  /** Requests of each run of the search. */
  readonly requests: number;
  /** Rate at which the first search begins. */
  readonly from: number;
}

export interface BestLayout {
  readonly pools: readonly PoolSpec[];
  readonly requestsPerS: number;
  /** Layouts that were simulated. */
  readonly layouts: number;
}

/** GPUs move in steps of these many. */
const steps = [24, 12, 6, 3];
/** How close rates are found, and by how much a layout has to be better to be taken. */
const within = 0.02;

/**
 * The layout of a shape that bears the highest rate: begun in proportion to the work that the profile says, for all sizes of
 * instances; then GPUs move between the pools of the best as long as the simulator says that it helps.
 */
export const bestLayout = (search: LayoutSearch): BestLayout => {
  const { shape, gpus, rules, traffic, sloTimes, requests } = search;
  const profile = studyProfile(search.profile);
  let layouts = 0;
  let best: { readonly pools: readonly PoolSpec[]; readonly requestsPerS: number } = {
    ...{ pools: [], requestsPerS: 0 },
  };
  /** Whether this one is better: asked by one run at a little more than the best rate so far, and measured if so. */
  const isBetter = (pools: readonly PoolSpec[]): boolean => {
    layouts += 1;
    const arm = { ...rules, pools };
    const spec = { profile: search.profile, arm, traffic, sloTimes, requests, seed: 1 };
    const from = best.requestsPerS === 0 ? search.from : best.requestsPerS * (1 + within);
    if (best.requestsPerS > 0 && !isKept(runPoint({ ...spec, requestsPerS: from }))) return false;
    const { requestsPerS } = highestRate({ ...spec, from, within });
    if (requestsPerS <= best.requestsPerS) return false;
    best = { pools, requestsPerS };
    return true;
  };
  for (const pools of startLayouts(profile, shape, traffic, gpus)) isBetter(pools);
  for (const moved of steps) {
    while (neighbours(profile, best.pools, gpus, moved).some(isBetter));
  }
  return { ...best, layouts };
};
