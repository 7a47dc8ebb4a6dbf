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
  type PlaceGpu,
  placeInstance,
  type PlaceServer,
} from '@isotherm/policy';
import { type FleetInstance, stageOf } from '../pipeline/fleet.ts';
import { levelStatesOf } from './level-states.ts';

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
  const { layout } = state;
  const peaks = layout.servers.map(({ plan }, server) => {
    const rating = ratings.servers[server] ?? nothing;
    return plan.tenant === 'opaque' ? rating.fullW : rating.idleW;
  });
  const taken = new Set<string>();
  const idle = levelStatesOf(state, ratings);
  const servers = layout.servers.map((_, server) =>
    placeServerOf(layout, server, { ratings, state, taken }),
  );
  const places = new Map<number, Place>();
  // The large ones first: what takes one GPU finds a gap anywhere.
  const order = instances.toSorted((a, b) => b.gpus - a.gpus);
  for (const { index, role, gpus } of order) {
    const stage = stageOf(role);
    const decision = placeInstance(
      { tenant: 'adjustable', gpus, stage },
      { servers, levels: levers.place ? peakLevels(layout, idle, peaks) : idle },
      levers,
    );
    // Where every place would pass a limit at its peak, the work is there all the same: oversubscription is what is tried.
    const settled =
      decision.kind === 'placed'
        ? decision
        : placeInstance({ tenant: 'adjustable', gpus, stage }, { servers, levels: idle }, first);
    if (settled.kind !== 'placed') continue;
    const { place } = settled;
    for (const gpu of place.gpus) taken.add(`${place.server}/${gpu}`);
    const server = layout.servers.findIndex(({ plan }) => plan.id === place.server);
    const rating = ratings.servers[server] ?? nothing;
    const share = place.gpus.length / (layout.servers[server]?.gpuCount ?? 1);
    servers[server] = placeServerOf(layout, server, { ratings, state, taken });
    peaks[server] = (peaks[server] ?? 0) + share * (rating.fullW - rating.idleW);
    places.set(index, place);
  }
  return instances.map(({ index }) => places.get(index));
};

const first: Pick<Levers, 'place'> = { place: false };
const nothing: Rating = { idleW: 0, fullW: 0, idleM3s: 0, fullM3s: 0 };

/** The levels with the sum of what is below each at its peak. */
const peakLevels = (
  layout: RoomLayout,
  levels: readonly LevelState[],
  peaks: readonly number[],
): readonly LevelState[] => {
  const sums = new Map<string, number>();
  layout.servers.forEach(({ plan, rack, row, aisle }, server) => {
    const ups = layout.ups[layout.rows[row]?.ups ?? 0]?.id ?? '';
    const above = [
      ...[`server:${plan.id}`, `rack:${layout.racks[rack]?.id ?? ''}`, `ups:${ups}`],
      ...[`row:${layout.rows[row]?.plan.id ?? ''}`, `aisle:${layout.aisles[aisle]?.plan.id ?? ''}`],
    ];
    for (const key of above) sums.set(key, (sums.get(key) ?? 0) + (peaks[server] ?? 0));
  });
  return levels.map((level) => ({ ...level, peakW: sums.get(`${level.level}:${level.id}`) ?? 0 }));
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
