import {
  type Rating,
  type Ratings,
  type RoomLayout,
  type RoomState,
  steadyRiseK,
} from '@isotherm/plant';
import {
  type LevelState,
  type Levers,
  type Place,
  placeDefaults,
  type PlaceDecision,
  type PlaceGpu,
  placeInstance,
  type PlaceServer,
  type PlaceSettings,
  type PlaceWork,
} from '@isotherm/policy';
import { type FleetInstance, stageOf } from '../pipeline/fleet.ts';
import { levelStatesOf } from './level-states.ts';

/** Work for a place, in the order in which it comes. */
export interface PlaceableWork extends PlaceWork {
  readonly key: string;
}

/**
 * Where each instance runs, decided one after the other by packages/policy, at the predicted peak of all that is placed so
 * far: opaque servers count in full. Without the lever `place` they go wherever there are free GPUs, and so does what no place would
 * do for at its peak. Undefined: no place is left.
 */
export const placeFleet = (
  state: RoomState,
  ratings: Ratings,
  instances: readonly FleetInstance[],
  levers: Pick<Levers, 'place'>,
): readonly (Place | undefined)[] => {
  // The large ones first: what takes one GPU finds a gap anywhere.
  const works = instances.toSorted((a, b) => b.gpus - a.gpus).map(workOf);
  const places = placeWorks(state, ratings, works, levers);
  return instances.map(({ index }) => places.get(`${index}`));
};

export const workOf = ({ index, role, gpus }: FleetInstance): PlaceableWork => ({
  ...{ key: `${index}`, tenant: 'adjustable', gpus, stage: stageOf(role) },
});

/** The same for any work: by key, where it is. */
export const placeWorks = (
  state: RoomState,
  ratings: Ratings,
  works: readonly PlaceableWork[],
  levers: Pick<Levers, 'place'>,
): ReadonlyMap<string, Place> => {
  const { layout } = state;
  const peaks = layout.servers.map(({ plan }, server): Peak => {
    const { fullW, idleW } = ratings.servers[server] ?? nothing;
    const isOpaque = plan.tenant === 'opaque';
    return { allW: isOpaque ? fullW : idleW, adjustableW: isOpaque ? 0 : idleW };
  });
  const taken = new Set<string>();
  const idle = levelStatesOf(state, ratings);
  const servers = layout.servers.map((_, server) =>
    placeServerOf(layout, server, { ratings, state, taken }),
  );
  const numbers = new Map(layout.servers.map(({ plan: { id } }, number) => [id, number]));
  const places = new Map<string, Place>();
  for (const work of works) {
    const levels = levers.place ? peakLevels(layout, idle, peaks) : idle;
    const decision = decide(work, servers, levels, levers);
    if (decision.kind !== 'placed') continue;
    const { place } = decision;
    for (const gpu of place.gpus) taken.add(`${place.server}/${gpu}`);
    const server = numbers.get(place.server) ?? -1;
    servers[server] = placeServerOf(layout, server, { ratings, state, taken });
    const addedW = work.peakW ?? (servers[server]?.gpuPeakW ?? 0) * place.gpus.length;
    const { allW, adjustableW } = peaks[server] ?? { allW: 0, adjustableW: 0 };
    const ownW = work.tenant === 'adjustable' ? addedW : 0;
    peaks[server] = { allW: allW + addedW, adjustableW: adjustableW + ownW };
    places.set(work.key, place);
  }
  return places;
};

interface Peak {
  readonly allW: number;
  readonly adjustableW: number;
}

/**
 * Where every place would pass a limit at its peak, the work is there all the same, since oversubscription is what is tried: it
 * goes where the policy has it under limits that are twice as high, and else wherever there are free GPUs.
 */
const decide = (
  work: PlaceWork,
  servers: readonly PlaceServer[],
  levels: readonly LevelState[],
  levers: Pick<Levers, 'place'>,
): PlaceDecision => {
  const decision = placeInstance(work, { servers, levels }, levers);
  if (decision.kind === 'placed' || !levers.place) return decision;
  const doubled = levels.map((level) => ({ ...level, limitW: 2 * level.limitW }));
  const forced = placeInstance(work, { servers, levels: doubled }, levers, patient);
  return forced.kind === 'placed' ? forced : placeInstance(work, { servers, levels }, first);
};

const first: Pick<Levers, 'place'> = { place: false };
const patient: PlaceSettings = { ...placeDefaults, marginK: -50 };
const nothing: Rating = { idleW: 0, fullW: 0, idleM3s: 0, fullM3s: 0 };

/** The levels with the sum of what is below each at its peak. */
const peakLevels = (
  layout: RoomLayout,
  levels: readonly LevelState[],
  peaks: readonly Peak[],
): readonly LevelState[] => {
  const sums = new Map<string, { allW: number; adjustableW: number }>();
  layout.servers.forEach(({ plan, rack, row, aisle }, server) => {
    const ups = layout.ups[layout.rows[row]?.ups ?? 0]?.id ?? '';
    const above = [
      ...[`server:${plan.id}`, `rack:${layout.racks[rack]?.id ?? ''}`, `ups:${ups}`],
      ...[`row:${layout.rows[row]?.plan.id ?? ''}`, `aisle:${layout.aisles[aisle]?.plan.id ?? ''}`],
    ];
    for (const key of above) {
      const sum = sums.get(key) ?? { allW: 0, adjustableW: 0 };
      sum.allW += peaks[server]?.allW ?? 0;
      sum.adjustableW += peaks[server]?.adjustableW ?? 0;
      sums.set(key, sum);
    }
  });
  return levels.map((level) => {
    const { allW, adjustableW } = sums.get(`${level.level}:${level.id}`) ?? {
      ...{ allW: 0, adjustableW: 0 },
    };
    return { ...level, peakW: allW, adjustablePeakW: adjustableW };
  });
};

const placeServerOf = (
  layout: RoomLayout,
  server: number,
  by: {
    readonly ratings: Ratings;
    readonly state: RoomState;
    readonly taken: ReadonlySet<string>;
  },
): PlaceServer => {
  const place = layout.servers[server];
  const rating = by.ratings.servers[server];
  if (place === undefined || rating === undefined) throw new RangeError(`no server ${server}`);
  const { plan, firstGpu, gpuCount } = place;
  const gpuPeakW = (rating.fullW - rating.idleW) / gpuCount;
  const gpus = layout.gpus.slice(firstGpu, firstGpu + gpuCount).map((gpu, index): PlaceGpu => {
    const { limits, power } = gpu.kind;
    const { ratedW, idleW } = power;
    const rise = (steadyRiseK(gpu.thermal, ratedW) - steadyRiseK(gpu.thermal, idleW)) / gpuPeakW;
    const sinkC = by.state.gpus.sinkC[firstGpu + index] ?? 0;
    const memoryRise = rise * (1 - gpu.thermal.fastShare) + memoryRiseKPerW(gpu) / gpuPeakW;
    return {
      index,
      free: plan.tenant === 'adjustable' && !by.taken.has(`${plan.id}/${index}`),
      core: { peakC: sinkC, limitC: limits.operatingMaxC, riseKPerW: rise },
      memory: {
        peakC: sinkC + gpu.thermal.memory.offsetK,
        ...{ limitC: limits.memoryMaxC, riseKPerW: memoryRise },
      },
    };
  });
  return { id: plan.id, kind: plan.kind, gpuPeakW, gpus };
};

/** What decode, which heats memory the most, adds to it between idle and rated power. */
const memoryRiseKPerW = ({ kind: { power }, thermal }: RoomLayout['gpus'][number]): number =>
  thermal.memory.riseKPerW * power.stages.decode.memoryShare * (power.ratedW - power.idleW);
