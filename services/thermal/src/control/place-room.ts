import {
  type GpuDemand,
  type GpuId,
  gpuIdsOf,
  type Place,
  predictGpuPowerW,
  type Ratings,
  type RoomState,
  steadyRiseK,
  steadyServerPowerW,
  type WorkKind,
} from '@isotherm/plant';
import type { PlaceGpu, PlaceRoom, PlaceServer } from '@isotherm/policy';
import type { LevelUse } from '../estimate/level-use.ts';
import type { RoomEstimate } from '../estimate/room-estimate.ts';
import { workKindOf } from '../instances/demand.ts';
import type { Round } from '../round/round.ts';
import { planLevels } from './plan-levels.ts';

/** A place that something is, or will be, at: its GPUs are taken, and count at their peak. */
export interface TakenPlace {
  readonly place: Place;
  readonly kind: WorkKind;
  readonly tenant: 'adjustable' | 'opaque';
}

/** The room at the predicted peak of all that is placed: opaque servers in full, since nobody knows what they will do. */
export const placeRoom = (
  round: Round,
  parts: { readonly estimate: RoomEstimate; readonly ratings: Ratings },
  taken: readonly TakenPlace[],
): PlaceRoom => {
  const { layout } = round.input.index;
  const demand = peakDemand(round, taken);
  const [settled] = parts.estimate.predict([settleS], round.surroundings, demand);
  const peaks = serverPeaks(round, demand);
  const peakOf = (use: LevelUse) => peakBelow(use, round, peaks, parts.ratings);
  return {
    levels: planLevels(round, ({ used, predicted }) => Math.max(used, ...predicted), peakOf),
    servers: layout.servers.map((_, server) =>
      placeServer(server, round, parts.ratings, demand, settled),
    ),
  };
};

/** Long enough for air and chips to settle. */
const settleS = 1_800;

const fullWork = { utilisation: 1, batch: 64, precision: 'bf16', clockShare: 1 } as const;

/** What every GPU may be asked for at the most. */
const peakDemand = (round: Round, taken: readonly TakenPlace[]): ReadonlyMap<GpuId, GpuDemand> => {
  const { layout } = round.input.index;
  const demand = new Map<GpuId, GpuDemand>();
  layout.servers.forEach(({ plan, firstGpu, gpuCount }) => {
    if (plan.tenant !== 'opaque') return;
    for (const { id } of layout.gpus.slice(firstGpu, firstGpu + gpuCount)) {
      demand.set(id, { ...fullWork, stage: 'other' });
    }
  });
  for (const { place, kind } of taken) {
    for (const id of gpuIdsOf(place)) demand.set(id, { ...fullWork, stage: kind });
  }
  for (const { record, gpus } of round.instances) {
    for (const gpu of gpus) {
      const id = layout.gpus[gpu]?.id;
      if (id !== undefined) demand.set(id, { ...fullWork, stage: workKindOf(record.stage) });
    }
  }
  return demand;
};

interface ServerPeak {
  readonly peakW: number;
  readonly isAdjustable: boolean;
}

const serverPeaks = (
  round: Round,
  demand: ReadonlyMap<GpuId, GpuDemand>,
): readonly ServerPeak[] => {
  const { layout } = round.input.index;
  return layout.servers.map(({ plan, kind, firstGpu, gpuCount, gpusRatedW }) => {
    const gpusW = layout.gpus.slice(firstGpu, firstGpu + gpuCount).reduce((sum, gpu) => {
      const { power } = gpu.kind;
      const asked = demand.get(gpu.id);
      return sum + (asked === undefined ? power.idleW : predictGpuPowerW(power, asked));
    }, 0);
    const peakW = steadyServerPowerW(kind.server, gpusW, gpusRatedW);
    return { peakW, isAdjustable: plan.tenant === 'adjustable' };
  });
};

/** The servers below a level, with the share of each that comes by way of it. */
const peakBelow = (
  use: LevelUse,
  round: Round,
  peaks: readonly ServerPeak[],
  ratings: Ratings,
): { readonly peakW: number; readonly adjustablePeakW: number } => {
  const { layout } = round.input.index;
  let peakW = 0;
  let adjustablePeakW = 0;
  layout.servers.forEach(({ plan, rack, row }, server) => {
    const peak = peaks[server];
    if (peak === undefined) return;
    const share = shareBelow(use, round, { server: plan.id, rack, row });
    // Of an aisle what counts is air, which idle servers move as well: in the same proportion to their peak.
    const own = use.of.level === 'aisle' ? airPeakW(peak, server, use, ratings) : peak.peakW;
    peakW += share * own;
    if (peak.isAdjustable) adjustablePeakW += share * own;
  });
  return { peakW, adjustablePeakW };
};

/** Air is linear in load between idle and full, as the fans' speed is. */
const airPeakW = (
  { peakW }: ServerPeak,
  server: number,
  { wPerUnit }: LevelUse,
  ratings: Ratings,
): number => {
  const rating = ratings.servers[server];
  if (rating === undefined) return peakW;
  const load = (peakW - rating.idleW) / Math.max(1, rating.fullW - rating.idleW);
  return (rating.idleM3s + (rating.fullM3s - rating.idleM3s) * load) * wPerUnit;
};

const shareBelow = (
  { of }: LevelUse,
  round: Round,
  at: { readonly server: string; readonly rack: number; readonly row: number },
): number => {
  const { layout } = round.input.index;
  const row = layout.rows[at.row];
  switch (of.level) {
    case 'server':
      return of.id === at.server ? 1 : 0;
    case 'rack':
      return of.id === layout.racks[at.rack]?.id ? 1 : 0;
    case 'row':
      return of.id === row?.plan.id ? 1 : 0;
    case 'aisle':
      return of.id === row?.plan.aisle ? 1 : 0;
    case 'ups': {
      const above = round.levels.get(`row:${row?.plan.id ?? ''}`)?.parents ?? [];
      return above.find(({ level, id }) => level === 'ups' && id === of.id)?.share ?? 0;
    }
    default:
      return 0;
  }
};

const placeServer = (
  server: number,
  round: Round,
  ratings: Ratings,
  demand: ReadonlyMap<GpuId, GpuDemand>,
  settled: RoomState | undefined,
): PlaceServer => {
  const { layout } = round.input.index;
  const place = layout.servers[server];
  const rating = ratings.servers[server];
  if (place === undefined || rating === undefined) throw new RangeError(`no server ${server}`);
  const { plan, firstGpu, gpuCount } = place;
  const gpuPeakW = (rating.fullW - rating.idleW) / gpuCount;
  const gpus = layout.gpus.slice(firstGpu, firstGpu + gpuCount).map((gpu, index): PlaceGpu => {
    const { kind, thermal } = settled?.layout.gpus[firstGpu + index] ?? gpu;
    const { ratedW, idleW } = kind.power;
    const sinkC = settled?.gpus.sinkC[firstGpu + index] ?? 0;
    const rise = (steadyRiseK(thermal, ratedW) - steadyRiseK(thermal, idleW)) / gpuPeakW;
    // Memory follows the sink, and its own share of the added power.
    const memoryW = (kind.power.stages.decode.memoryShare * (ratedW - idleW)) / gpuPeakW;
    const memoryRise = (1 - thermal.fastShare) * rise + thermal.memory.riseKPerW * memoryW;
    const coreC = sinkC + (settled?.gpus.fastK[firstGpu + index] ?? 0);
    const memoryC = sinkC + thermal.memory.offsetK + (settled?.gpus.memoryK[firstGpu + index] ?? 0);
    return {
      ...{ index, free: plan.tenant === 'adjustable' && !demand.has(gpu.id) },
      core: { peakC: coreC, limitC: kind.limits.operatingMaxC, riseKPerW: rise },
      memory: { peakC: memoryC, limitC: kind.limits.memoryMaxC, riseKPerW: memoryRise },
    };
  });
  return { id: plan.id, kind: plan.kind, gpuPeakW, gpus };
};
