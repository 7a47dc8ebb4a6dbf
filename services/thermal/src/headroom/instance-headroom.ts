import type { RoomState } from '@isotherm/plant';
import type { GpuView, RoomView } from '../estimate/room-view.ts';
import type { LevelUse } from '../estimate/level-use.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import { levelKey, type LevelRef } from '../topology/level.ts';
import type { RoomIndex } from '../topology/room-index.ts';

/** What the limits above one instance leave it. */
export interface InstanceHeadroom {
  readonly instanceId: string;
  /** As the instance says it; empty where nobody knows it. */
  readonly place: string;
  readonly horizons: readonly HorizonHeadroom[];
  readonly powerShare: number;
  readonly coreShare: number;
  readonly memoryShare: number;
  readonly binding: LevelRef;
  readonly conservative: boolean;
  readonly reason: string;
  /** Share of its full clock that its hottest GPU is granted by the hardware. */
  readonly clockShare: number;
}

export interface HorizonHeadroom {
  readonly afterS: number;
  readonly powerW: number;
  readonly coreK: number;
  readonly memoryK: number;
  readonly binding: LevelRef;
}

export interface HeadroomSettings {
  /** Times to come that are predicted, in plant seconds, rising. */
  readonly horizonsS: readonly number[];
  /** The one that shares go by, with now. */
  readonly routeHorizonS: number;
  /** A GPU at this temperature counts as cold when shares of its limit are taken. */
  readonly coldC: number;
  /** What is assumed to be left to instances of which nothing is known, as a share. */
  readonly unknownShare: number;
}

export const defaultHeadroomSettings: HeadroomSettings = {
  ...{ horizonsS: [10, 60, 600], routeHorizonS: 60, coldC: 25, unknownShare: 0.25 },
};

export interface HeadroomInput {
  readonly index: RoomIndex;
  readonly view: RoomView;
  /** By `levelKey`. */
  readonly levels: ReadonlyMap<string, LevelUse>;
  /** The model at each of the horizons. */
  readonly predicted: readonly RoomState[];
  /** How far off the model of a GPU may be, beyond what is usual: kept as a distance, in K. */
  readonly marginK: (gpu: number) => number;
}

/** Bits of NVML that lower a clock against its owner's will. */
const throttled = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

export const headroomOf = (
  instance: PlacedInstance,
  input: HeadroomInput,
  settings: HeadroomSettings,
): InstanceHeadroom => {
  const { record, gpus, server } = instance;
  const known = { instanceId: record.id, place: record.place ?? '' };
  if (server === undefined || gpus.length === 0) return unknownPlace(known, settings);
  const serverId = input.index.layout.servers[server]?.plan.id ?? '';
  const above = levelsAbove(input.levels, { level: 'server', id: serverId });
  const views = gpus.map((gpu) => input.view.gpus[gpu]).filter((gpu) => gpu !== undefined);
  const horizons = [0, ...settings.horizonsS].map((afterS, at) =>
    horizonHeadroom(afterS, at - 1, { gpus, views, above, input }),
  );
  const route = settings.horizonsS.indexOf(settings.routeHorizonS);
  const { share: powerShare, binding } = powerShareOf(above, route, serverId);
  const doubts = [...new Set(views.map(({ doubt }) => doubt).filter((doubt) => doubt !== ''))];
  const conservative = doubts.length > 0;
  const relevant = horizons.filter(({ afterS }) => afterS <= settings.routeHorizonS);
  const dark = isDark(above);
  return {
    ...{ ...known, horizons, binding: dark?.of ?? binding },
    powerShare: dark === undefined ? powerShare : 0,
    coreShare: temperatureShare(relevant, gpus, input, 'core', settings),
    memoryShare: temperatureShare(relevant, gpus, input, 'memory', settings),
    conservative,
    reason: conservative ? (doubts[0] ?? '') : reasonOf(above, binding, route),
    clockShare: Math.min(1, ...views.map(grantedClock)),
  };
};

const grantedClock = ({ reasons, clockShare, shutDown }: GpuView): number => {
  if (shutDown) return 0;
  return (reasons & throttled) === 0 ? 1 : clockShare;
};

const unknownPlace = (
  known: Pick<InstanceHeadroom, 'instanceId' | 'place'>,
  { unknownShare: share }: HeadroomSettings,
): InstanceHeadroom => ({
  ...{ ...known, horizons: [], binding: { level: 'server', id: '' }, conservative: true },
  ...{ powerShare: share, coreShare: share, memoryShare: share, clockShare: 1 },
  reason: known.place === '' ? 'nobody says where it runs' : 'the room has no such place',
});

/** A level above a server with the share of the server's watts that comes by way of it. */
export interface LevelAbove {
  readonly use: LevelUse;
  readonly share: number;
}

/** The server itself, and what feeds it. */
export const levelsAbove = (
  levels: ReadonlyMap<string, LevelUse>,
  start: LevelRef,
): readonly LevelAbove[] => {
  const found: LevelAbove[] = [];
  const climb = (ref: LevelRef, share: number): void => {
    const use = levels.get(levelKey(ref));
    // A plan has no cycles, but who climbs bounds it.
    if (use === undefined || found.length >= levels.size) return;
    found.push({ use, share });
    for (const parent of use.parents) climb(parent, share * parent.share);
  };
  climb(start, 1);
  return found;
};

const isDark = (above: readonly LevelAbove[]): LevelUse | undefined => {
  const ups = above.filter(({ use }) => use.of.level === 'ups');
  return ups.every(({ use }) => use.dark) ? ups[0]?.use : undefined;
};

const horizonHeadroom = (
  afterS: number,
  at: number,
  {
    gpus,
    views,
    above,
    input,
  }: {
    readonly gpus: readonly number[];
    readonly views: readonly GpuView[];
    readonly above: readonly LevelAbove[];
    readonly input: HeadroomInput;
  },
): HorizonHeadroom => {
  let powerW = Infinity;
  let binding: LevelRef = { level: 'gpu', id: '' };
  const bind = (leftW: number, of: LevelRef): void => {
    if (leftW < powerW) [powerW, binding] = [leftW, of];
  };
  let ownW = 0;
  gpus.forEach((gpu, each) => {
    ownW += (input.index.layout.gpus[gpu]?.kind.power.ratedW ?? 0) - (views[each]?.powerW ?? 0);
  });
  bind(ownW, { level: 'gpu', id: input.index.layout.gpus[gpus[0] ?? 0]?.id ?? '' });
  for (const { use, share } of above) {
    const used = at < 0 ? use.used : (use.predicted[at] ?? use.used);
    bind(((use.limit - used) * use.wPerUnit) / share, use.of);
  }
  const temperatures = gpus.map((gpu) => gpuTemperatures(gpu, at, input));
  return {
    ...{ afterS, powerW, binding },
    coreK: Math.min(...temperatures.map(({ coreK }) => coreK)),
    memoryK: Math.min(...temperatures.map(({ memoryK }) => memoryK)),
  };
};

/** Core and memory of one GPU in °C, now (at −1) or predicted, with the margin of a model in doubt. */
export const gpuTemperatures = (
  gpu: number,
  at: number,
  { index, view, predicted, marginK }: HeadroomInput,
) => {
  const place = index.layout.gpus[gpu];
  const now = view.gpus[gpu];
  if (place === undefined || now === undefined) throw new RangeError(`no GPU ${gpu}`);
  const state = at < 0 ? undefined : predicted[at];
  const sinkC = state?.gpus.sinkC[gpu] ?? 0;
  const fitted = state?.layout.gpus[gpu]?.thermal ?? place.thermal;
  const addK = state === undefined ? 0 : marginK(gpu);
  const coreC = state === undefined ? now.coreC : sinkC + (state.gpus.fastK[gpu] ?? 0) + addK;
  const memoryC =
    state === undefined
      ? now.memoryC
      : sinkC + fitted.memory.offsetK + (state.gpus.memoryK[gpu] ?? 0) + addK;
  const { operatingMaxC, memoryMaxC } = place.kind.limits;
  return { coreC, memoryC, coreK: operatingMaxC - coreC, memoryK: memoryMaxC - memoryC };
};

const temperatureShare = (
  horizons: readonly HorizonHeadroom[],
  gpus: readonly number[],
  { index }: HeadroomInput,
  part: 'core' | 'memory',
  { coldC }: HeadroomSettings,
): number => {
  const leftK = Math.min(...horizons.map((each) => (part === 'core' ? each.coreK : each.memoryK)));
  const limits = index.layout.gpus[gpus[0] ?? 0]?.kind.limits;
  const limitC = part === 'core' ? limits?.operatingMaxC : limits?.memoryMaxC;
  return bounded(leftK / Math.max(1, (limitC ?? coldC) - coldC));
};

/**
 * The smallest share that a level leaves, by the greater of now and predicted. A level that could feed all below it at
 * full load cannot bind: a server that merely works is not short of anything, and neither is one whose fans draw more than
 * usual.
 */
const powerShareOf = (
  above: readonly LevelAbove[],
  route: number,
  serverId: string,
): { readonly share: number; readonly binding: LevelRef } => {
  let least: { readonly share: number; readonly binding: LevelRef } = {
    ...{ share: 1, binding: { level: 'server', id: serverId } },
  };
  for (const { use } of above) {
    if (use.dark || !canBind(use)) continue;
    const most = Math.max(use.used, use.predicted[route] ?? 0);
    const share = bounded((use.limit - most) / Math.max(1e-9, use.limit - use.idle));
    if (share < least.share) least = { share, binding: use.of };
  }
  return least;
};

export const canBind = ({ of, limit, full, used }: LevelUse): boolean =>
  limit < full || (of.level !== 'server' && used >= limit);

const reasonOf = (above: readonly LevelAbove[], binding: LevelRef, route: number): string => {
  const use = above.find(({ use: { of } }) => levelKey(of) === levelKey(binding))?.use;
  if (use === undefined) return '';
  const most = Math.max(use.used, use.predicted[route] ?? 0);
  const share = use.limit > 0 ? Math.round((100 * most) / use.limit) : 100;
  return `${use.of.level} ${use.of.id} at ${share} % of its ${use.of.level === 'aisle' ? 'air' : 'power'}`;
};

const bounded = (share: number): number => (share > 0 ? Math.min(1, share) : 0);
