import { indexLevels } from '../headroom/level-index.ts';
import { type Catalog, catalogOf, type Keyed } from './catalog.ts';
import { needsReload } from './configuration.ts';
import { type Constraint, constraintsOf, type Reach, reachOf } from './constraint.ts';
import type {
  AdjustableInstance,
  InstanceSetting,
  OpaqueInstance,
  PlanRoom,
  PlanSettings,
  Profile,
} from './contract.ts';
import { type Draw, drawOf } from './draw.ts';

/** A setting with what it draws, and its profile. */
export interface Posed {
  readonly setting: InstanceSetting;
  readonly profile: Profile;
  readonly draw: Draw;
}

/** An adjustable instance in a draft: as it is, and as the draft has it. */
export interface DraftInstance {
  readonly instance: AdjustableInstance;
  readonly worthwhile: readonly Keyed[];
  /** Where it goes back to; absent: that has no profile. */
  readonly preferred: Keyed | undefined;
  readonly reach: readonly Reach[];
  readonly pool: Pool;
  readonly initial: Posed;
  posed: Posed;
}

/** Instances of one stage and model, which take each other's work. */
export interface Pool {
  load: number;
  capacity: number;
}

/** An opaque instance in a draft; its power includes its cap. */
export interface DraftOpaque {
  readonly instance: OpaqueInstance;
  readonly reach: readonly Reach[];
  powerW: number;
}

/**
 * The working state of one plan: written to while the plan is made, and seen by nobody else. All maps are in the order of
 * keys, so that a plan does not depend on the order of what it is made from.
 */
export interface Draft {
  readonly settings: PlanSettings;
  readonly deadlineS: number;
  readonly constraints: ReadonlyMap<string, Constraint>;
  /** Where each constraint is, with all that the draft changes. */
  readonly at: Map<string, number>;
  readonly adjustable: ReadonlyMap<string, DraftInstance>;
  readonly opaque: readonly DraftOpaque[];
  /** Adjustable instances whose configuration has no profile. */
  readonly unknown: readonly string[];
}

export const createDraft = (room: PlanRoom, settings: PlanSettings): Draft => {
  const index = indexLevels(room.levels);
  const constraints = sortedMap(constraintsOf(room, settings), ({ key }) => key);
  const pools = new Map<string, Pool>();
  const adjustable = new Map<string, DraftInstance>();
  const opaque: DraftOpaque[] = [];
  const unknown: string[] = [];
  for (const instance of room.instances.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const reach = reachOf(instance.place, index).filter(({ key }) => constraints.has(key));
    if (instance.tenant === 'opaque') {
      const powerW = Math.min(instance.demandW, instance.capW ?? Infinity);
      opaque.push({ instance, reach, powerW });
      continue;
    }
    const catalog = catalogOf(instance.profiles);
    const name = `${instance.stage} ${instance.model}`;
    const pool = pools.get(name) ?? { load: 0, capacity: 0 };
    const drafted = draftInstance(instance, catalog, reach, pool);
    if (drafted === undefined) {
      unknown.push(instance.id);
      continue;
    }
    pools.set(name, pool);
    adjustable.set(instance.id, drafted);
  }
  const at = new Map([...constraints].map(([key, constraint]) => [key, constraint.at]));
  const deadlineS = room.deadlineS ?? Infinity;
  return { settings, deadlineS, constraints, at, adjustable, opaque, unknown };
};

/** Joins its pool; nothing where the configuration of the instance has no profile. */
const draftInstance = (
  instance: AdjustableInstance,
  { byKey, worthwhileFrom }: Catalog,
  reach: readonly Reach[],
  pool: Pool,
): DraftInstance | undefined => {
  const running = byKey.get(instance.current.configuration);
  if (running === undefined) return undefined;
  const { profile } = running;
  const draw = drawOf(profile, instance.current, workOf(instance));
  const initial = { setting: instance.current, profile, draw };
  pool.load += Number.isFinite(instance.load) ? instance.load : 0;
  pool.capacity += draw.capacity;
  const worthwhile = worthwhileFrom(profile.configuration);
  const preferred = byKey.get(instance.preferred);
  return { instance, worthwhile, preferred, reach, pool, initial, posed: initial };
};

/** What its engine works for. */
const workOf = ({ load, busyLoad = load }: AdjustableInstance): number => busyLoad;

const sortedMap = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, Item> =>
  new Map(
    items
      .map((item): [string, Item] => [keyOf(item), item])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** An instance in another configuration, or with another cap, or without work. */
export const pose = (
  { instance }: DraftInstance,
  { key, profile }: Keyed,
  { capW, stopped }: Pick<InstanceSetting, 'capW' | 'stopped'>,
): Posed => {
  const configuration = key;
  const setting =
    capW === undefined ? { configuration, stopped } : { configuration, capW, stopped };
  return { setting, profile, draw: drawOf(profile, setting, workOf(instance)) };
};

/** The configuration of a pose, to pose it otherwise. */
export const keyedOf = ({ setting, profile }: Posed): Keyed => ({
  ...{ key: setting.configuration, profile },
});

/** Everything that one change may go to from a pose: other configurations, and no more work. */
export const posesFrom = (drafted: DraftInstance, from: Posed): readonly Posed[] => [
  ...drafted.worthwhile.map((keyed) => pose(drafted, keyed, from.setting)),
  pose(drafted, keyedOf(from), { ...from.setting, stopped: true }),
];

/** What a change moves at one constraint. */
export const shiftAt = ({ part, weight }: Reach, from: Draw, to: Draw): number =>
  weight * (to[part] - from[part]);

/** Load of the instance's pool that has no capacity when the instance is posed so. */
export const lackWith = ({ pool, posed }: DraftInstance, draw: Draw): number => {
  const lack = pool.load - (pool.capacity - posed.draw.capacity + draw.capacity);
  return lack > pool.load * tiny ? lack : 0;
};

/** Share of the load of the instance's pool that has capacity when the instance is posed so. */
export const servedWith = ({ pool, posed }: DraftInstance, draw: Draw): number =>
  pool.load > 0
    ? Math.min(1, (pool.capacity - posed.draw.capacity + draw.capacity) / pool.load)
    : 1;

/** Rounding of sums is no loss. */
const tiny = 1e-9;

/** Time to load what the instance does not run yet. */
export const reloadSOf = ({ initial }: DraftInstance, { profile }: Posed): number =>
  needsReload(initial.profile.configuration, profile.configuration) ? profile.reloadS : 0;

/** Writes a change into the draft. */
export const applyPose = (draft: Draft, drafted: DraftInstance, to: Posed): void => {
  for (const reach of drafted.reach) {
    const at = draft.at.get(reach.key) ?? NaN;
    draft.at.set(reach.key, at + shiftAt(reach, drafted.posed.draw, to.draw));
  }
  drafted.pool.capacity += to.draw.capacity - drafted.posed.draw.capacity;
  drafted.posed = to;
};
