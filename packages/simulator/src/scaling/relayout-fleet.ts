import type { ProfileEntry } from '@isotherm/kernel';
import {
  firstLayout,
  type LayoutSettings,
  type LayoutState,
  planLayout,
  stageLoad,
} from '@isotherm/policy';
import type { Simulation } from '../engine/simulation.ts';
import type { Deployment, Pool, Role } from '../pipeline/deployment.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import {
  type ChangingPool,
  changingPool,
  keepOn,
  letGo,
  presentIn,
  settle,
  startIn,
  wantedIn,
} from './changing-pool.ts';
import { tokenRates } from './token-rates.ts';

/** What an instance of a role has to be known by, so that GPUs can go over to it. */
export interface RoleLayout {
  readonly role: Role;
  /** What one does within the SLO with all its time, in tokens a second as `stageLoad` counts them, at each stage that it has. */
  readonly capacityTokensPerS: Readonly<Partial<Record<ProfileEntry['stage'], number>>>;
  /** `reserveWeightOf` the layout that it begins with; 1 where absent. */
  readonly reserveWeight?: number;
  /** From when its GPUs are free until it takes work. */
  readonly startMs: number;
}

export interface RelayoutOptions {
  /** Time between two looks. */
  readonly lookMs: number;
  readonly settings: LayoutSettings;
  /** Of all pools of the first deployment, one of each role. */
  readonly roles: readonly RoleLayout[];
}

export interface RelayoutRecord {
  /** How often the layout was changed, and instances that were told to go. */
  readonly changes: number;
  readonly moved: number;
  /** GPUs × time of all instances that were not off: never more than there are. */
  readonly gpuMs: number;
  /** Instances of each role that are wanted in the end. */
  readonly counts: Readonly<Partial<Record<Role, number>>>;
}

/** Pools as large as all GPUs together allow: what is not wanted is off. */
export const poolsWithRoom = (pools: readonly Pool[]): readonly Pool[] => {
  const gpus = gpusOf(pools);
  return pools.map((pool) => ({ ...pool, count: Math.floor(gpus / pool.gpus) }));
};

const gpusOf = (pools: readonly Pool[]): number =>
  pools.reduce((sum, { count, gpus }) => sum + count * gpus, 0);

interface LaidOutPool extends ChangingPool {
  readonly layout: RoleLayout;
  readonly size: number;
}

/**
 * Lets the GPUs of the first deployment change what they do by `planLayout` of packages/policy: who goes takes no new work and ends what it
 * has; its GPUs are then free for who comes, and that one takes its time to start. `pools` is how many there are to begin with;
 * the pipeline has been made of `poolsWithRoom` of them.
 */
export const relayoutFleet = (
  simulation: Simulation,
  pipeline: Pipeline,
  { pools: begin, reading }: Pick<Deployment, 'pools' | 'reading'>,
  { lookMs, settings, roles }: RelayoutOptions,
): RelayoutRecord => {
  const gpus = gpusOf(begin);
  const pools = begin.map(({ role, gpus: size, count }): LaidOutPool => {
    const layout = roles.find((each) => each.role === role);
    if (layout === undefined) throw new RangeError(`nothing is known of ${role}`);
    const instances = pipeline.instances.filter((each) => each.role === role);
    return { layout, size, ...changingPool(instances, count) };
  });
  const record = { changes: 0, moved: 0, gpuMs: 0, counts: countsOf(begin) };
  let state: LayoutState = firstLayout(begin.map(({ count }) => count));
  const read = tokenRates(pipeline.outcomes[0], lookMs);
  const alarm = simulation.add(1, () => {
    const nowMs = simulation.time[0] as number;
    record.gpuMs += lookMs * presentGpus(pools);
    const hasNew = pools.map((pool) => settle(pool, nowMs)).some((isNew) => isNew);
    const rates = read();
    const busyOf = ({ layout }: LaidOutPool): number =>
      Object.entries(layout.capacityTokensPerS).reduce((sum, [stage, capacity]) => {
        const load = stageLoad(stage as ProfileEntry['stage'], reading, rates);
        return sum + load / capacity;
      }, 0);
    const sample = {
      ...{ atMs: nowMs, gpus },
      pools: pools.map((pool) => ({
        ...{ size: pool.size, busyInstances: busyOf(pool) },
        reserveWeight: pool.layout.reserveWeight ?? 1,
      })),
    };
    const planned = planLayout(state, sample, settings);
    ({ state } = planned);
    if (planned.decision.kind === 'change') record.changes += 1;
    record.moved += moveTowards(pools, state.counts, gpus, nowMs);
    record.counts = countsOf(begin.map((pool, at) => ({ ...pool, count: state.counts[at] ?? 0 })));
    if (hasNew) pipeline.retry();
    alarm.set(0, nowMs + lookMs);
  });
  alarm.set(0, lookMs);
  return record;
};

const countsOf = (pools: readonly Pool[]): Partial<Record<Role, number>> =>
  Object.fromEntries(pools.map(({ role, count }) => [role, count]));

/** Lets go who is too many, those with the least to do first, and starts who is wanting on GPUs that are free; how many went. */
const moveTowards = (
  pools: readonly LaidOutPool[],
  counts: readonly number[],
  gpus: number,
  nowMs: number,
): number => {
  let moved = 0;
  const changes = pools.map((pool, at) => (counts[at] ?? 0) - wantedIn(pool));
  pools.forEach((pool, at) => {
    const { unborn, going } = letGo(pool, -(changes[at] ?? 0));
    moved += unborn + going;
  });
  let free = gpus - presentGpus(pools);
  pools.forEach((pool, at) => {
    const change = changes[at] ?? 0;
    // Who is on its way out has its GPUs still.
    const lack = change - keepOn(pool, change);
    const room = Math.floor(free / pool.size);
    free -= pool.size * startIn(pool, Math.min(lack, room), nowMs + pool.layout.startMs);
  });
  return moved;
};

const presentGpus = (pools: readonly LaidOutPool[]): number =>
  pools.reduce((sum, pool) => sum + pool.size * presentIn(pool), 0);
