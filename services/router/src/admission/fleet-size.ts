import type { Intake, Stage } from '@isotherm/kernel';
import { type InstanceView, routerShare } from '@isotherm/policy';
import type { Fleet } from '../fleet/fleet.ts';

/** Instances of one stage of a model that take work, and how many jobs they run at once all together. */
export interface StageSize {
  readonly instances: number;
  readonly capacity: number;
}

/** What one router may fill of the instances of a model. */
export type FleetSize = Readonly<Record<Stage, StageSize>>;

export interface FleetSizeOptions {
  readonly model: string;
  readonly takes: Intake;
  readonly fleet: Pick<Fleet, 'views' | 'revision'>;
  /** Routers that take requests, this one among them. */
  routers(): number;
  nowMs(): number;
}

/** How long what the instances have from other routers is taken as it was, in milliseconds: they tell it twice a second. */
const shareKeptMs = 100;

/**
 * Says the size of a model's fleet, for every request twice or more: counted again only when an instance came, left or
 * changed its state, or there are more or fewer routers.
 */
export const createFleetSize = (options: FleetSizeOptions): (() => FleetSize) => {
  const { model, takes, fleet, routers, nowMs } = options;
  let counted = { revision: Number.NaN, size: emptySize };
  let shared = { atMs: Number.NEGATIVE_INFINITY, of: counted.size, routers: 1, size: counted.size };

  const instances = (): readonly InstanceView[] =>
    fleet
      .views()
      .filter((view) => view.ready && view.model === model && (view.takes ?? 'tensors') === takes);

  return () => {
    const { revision } = fleet;
    if (counted.revision !== revision) counted = { revision, size: sizeOf(instances()) };
    const { size } = counted;
    const count = routers();
    if (count <= 1) return size;
    const fresh = shared.of === size && shared.routers === count;
    if (fresh && nowMs() - shared.atMs < shareKeptMs) return shared.size;
    const share = routerShare({ routers: count, ...tokensOf(instances()) });
    shared = { atMs: nowMs(), of: size, routers: count, size: scaled(size, share) };
    return shared.size;
  };
};

const sizes = (of: (stage: Stage) => StageSize): FleetSize => ({
  encode: of('encode'),
  prefill: of('prefill'),
  decode: of('decode'),
  whole: of('whole'),
});

const emptySize = sizes(() => ({ instances: 0, capacity: 0 }));

const sizeOf = (all: readonly InstanceView[]): FleetSize => {
  const counts: Record<Stage, { instances: number; capacity: number }> = {
    ...{ encode: { instances: 0, capacity: 0 }, prefill: { instances: 0, capacity: 0 } },
    ...{ decode: { instances: 0, capacity: 0 }, whole: { instances: 0, capacity: 0 } },
  };
  for (const { stage, capacity } of all) {
    counts[stage].instances += 1;
    counts[stage].capacity += capacity;
  }
  return counts;
};

const scaled = (size: FleetSize, share: number): FleetSize =>
  sizes((stage) => ({
    instances: size[stage].instances * share,
    capacity: size[stage].capacity * share,
  }));

const tokensOf = (all: readonly InstanceView[]) => {
  let ownTokens = 0;
  let allTokens = 0;
  for (const { bookedTokens, reportedTokens } of all) {
    ownTokens += bookedTokens;
    allTokens += Math.max(bookedTokens, reportedTokens);
  }
  return { ownTokens, allTokens };
};
