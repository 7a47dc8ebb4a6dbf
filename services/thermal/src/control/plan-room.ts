import { assumedUpsCurve, steadyRiseK, tripSecondsOf } from '@isotherm/plant';
import {
  type AdjustableInstance,
  configurationKey,
  type GpuState,
  type InstanceSetting,
  type LevelState,
  type OpaqueInstance,
  type PlannedInstance,
  type PlanRoom,
  type Profile,
} from '@isotherm/policy';
import type { Ratings } from '../estimate/level-rating.ts';
import { gpuTemperatures, levelsAbove } from '../headroom/instance-headroom.ts';
import { workKindOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Round } from '../round/round.ts';
import { clockProfiles, plugWPerGpuW } from './clock-profiles.ts';
import { planLevels } from './plan-levels.ts';

/** What was commanded until now, and when. */
export interface CommandedRoom {
  settingOf(instance: string): InstanceSetting | undefined;
  /** Cap of an opaque server, and what it drew before. */
  opaqueOf(server: string): { readonly capW: number; readonly demandW: number } | undefined;
  changedAgoS(id: string): number;
  loadOf(instance: string): number;
}

/** Horizons that a plan looks at: those up to a minute. What comes later has time. */
const planHorizons = 2;

/** The room of a round as `planReconfiguration` and `planEmergency` take it. */
export const planRoom = (round: Round, ratings: Ratings, commanded: CommandedRoom): PlanRoom => {
  const { layout } = round.input.index;
  const adjustable = round.instances.flatMap((instance) =>
    adjustableOf(instance, round, ratings, commanded),
  );
  const aisles = aisleMargins(round);
  const opaque = layout.servers.flatMap(({ plan, aisle }, server) => {
    if (plan.tenant !== 'opaque') return [];
    const isCapped = commanded.opaqueOf(plan.id) !== undefined;
    const isForced = (aisles[aisle] ?? 0) <= 0 || isPowerPassed(server, round);
    return isCapped || isForced ? [opaqueOf(server, round, ratings, commanded)] : [];
  });
  const instances: readonly PlannedInstance[] = [...adjustable, ...opaque];
  const deadlineS = deadlineOf(round);
  return {
    ...{
      instances,
      levels: planLevels(round, planHorizons).map((level) => eased(level, round, aisles)),
    },
    gpus: gpuStates(round, instances),
    ...(deadlineS !== undefined && { deadlineS }),
  };
};

/** Kelvin below a limit at which an aisle's shortage of air is no longer only a matter of comfort. */
const easyK = 8;
const tightK = 3;

/**
 * How far each aisle is from where physics forbids to go on, ten minutes ahead: in kelvins beyond `tightK` of the GPU that
 * is nearest to slowing down, or of the inlet that is nearest to its server's emergency stop.
 */
const aisleMargins = (round: Round): readonly number[] => {
  const { layout } = round.input.index;
  const last = round.predicted.length - 1;
  const margins = layout.aisles.map(() => Infinity);
  const note = (aisle: number, marginK: number): void => {
    margins[aisle] = Math.min(margins[aisle] ?? Infinity, marginK - tightK);
  };
  layout.servers.forEach(({ aisle, kind }, server) => {
    const later = round.predicted[last]?.servers.inletC[server] ?? 0;
    note(
      aisle,
      kind.server.inletShutdownC - Math.max(later, round.view.servers[server]?.inletC ?? 0),
    );
  });
  layout.gpus.forEach(({ server }, gpu) => {
    const aisle = layout.servers[server]?.aisle ?? 0;
    for (const at of [-1, last]) {
      const { coreK, memoryK } = gpuTemperatures(gpu, at, round.input);
      note(aisle, Math.min(coreK, memoryK));
    }
  });
  return margins;
};

/**
 * Servers that lack air breathe their own exhaust: that is heat, which temperatures tell of. So the limit of an aisle's air
 * yields to what is drawn while everything in it stays cool for ten minutes to come, and is itself again as that ends: the
 * nearer to a limit, the more of what is too much is shed.
 */
const eased = (level: LevelState, round: Round, margins: readonly number[]): LevelState => {
  if (level.level !== 'aisle') return level;
  const aisle = round.input.index.layout.aisles.findIndex(({ plan }) => plan.id === level.id);
  const share = Math.min(1, Math.max(0, (margins[aisle] ?? 0) / (easyK - tightK)));
  const tooMuchW = Math.max(0, Math.max(level.usedW, level.predictedW) - level.limitW);
  return { ...level, limitW: level.limitW + share * tooMuchW };
};

/** A limit of power above a server is passed, now or soon. */
const isPowerPassed = (server: number, { input, levels }: Round): boolean => {
  const id = input.index.layout.servers[server]?.plan.id ?? '';
  return levelsAbove(levels, { level: 'server', id }).some(
    ({ use }) =>
      use.of.level !== 'aisle' &&
      !use.dark &&
      Math.max(use.used, ...use.predicted.slice(0, planHorizons)) > use.limit,
  );
};

/** Profiles of an instance by what it runs on; the first is the one of its full clock. */
export const profilesOf = (
  { record, gpus, server, load }: PlacedInstance,
  round: Round,
  ratings: Ratings,
): readonly Profile[] => {
  const { layout } = round.input.index;
  const rating = server === undefined ? undefined : ratings.servers[server];
  if (server === undefined || rating === undefined) return [];
  const own = round.now.layout.gpus;
  return clockProfiles({
    ...{ kind: workKindOf(record.stage), model: record.model, server: rating },
    ...{ precision: load?.precision ?? '', batch: Math.max(1, Math.round(load?.batch ?? 1)) },
    gpus: gpus.flatMap((gpu) => own[gpu] ?? []),
    serverGpus: layout.servers[server]?.gpuCount ?? 1,
  });
};

const adjustableOf = (
  instance: PlacedInstance,
  round: Round,
  ratings: Ratings,
  commanded: CommandedRoom,
): readonly AdjustableInstance[] => {
  const { record, place } = instance;
  const profiles = profilesOf(instance, round, ratings);
  const [first] = profiles;
  if (place === undefined || first === undefined) return [];
  const preferred = configurationKey(first.configuration);
  return [
    {
      ...{ tenant: 'adjustable', id: record.id, place, stage: record.stage, model: record.model },
      ...{ load: commanded.loadOf(record.id), profiles, preferred },
      current: commanded.settingOf(record.id) ?? { configuration: preferred, stopped: false },
      changedAgoS: commanded.changedAgoS(record.id),
    },
  ];
};

/** Lowest power limit of a board ÷ its rated power: 200 of 700 W on an H100 SXM; assumed for the others. */
const capMinShare = 2 / 7;

/** What opaque instances are named in plans: by their server. */
export const opaqueId = (server: string): string => `opaque:${server}`;

const opaqueOf = (
  server: number,
  round: Round,
  ratings: Ratings,
  commanded: CommandedRoom,
): OpaqueInstance => {
  const { layout } = round.input.index;
  const place = layout.servers[server];
  const rating = ratings.servers[server];
  if (place === undefined || rating === undefined) throw new RangeError(`no server ${server}`);
  const { plan, firstGpu, gpuCount } = place;
  const gpu = round.now.layout.gpus[firstGpu];
  const { ratedW, idleW } = gpu?.kind.power ?? { ratedW: 1, idleW: 0 };
  const factor = plugWPerGpuW(rating, gpuCount, ratedW - idleW);
  const riseK =
    gpu === undefined ? 0 : steadyRiseK(gpu.thermal, ratedW) - steadyRiseK(gpu.thermal, idleW);
  const coreKPerW = riseK / Math.max(1, (ratedW - idleW) * factor * gpuCount);
  const used = round.levels.get(`server:${plan.id}`)?.used ?? rating.fullW;
  const capped = commanded.opaqueOf(plan.id);
  return {
    ...{ tenant: 'opaque', id: opaqueId(plan.id) },
    place: { server: plan.id, gpus: Array.from({ length: gpuCount }, (_, each) => each) },
    demandW: Math.max(used, capped?.demandW ?? 0),
    capMinW: rating.idleW + factor * gpuCount * Math.max(0, capMinShare * ratedW - idleW),
    ...(capped !== undefined && { capW: capped.capW }),
    ...{ coreKPerW, memoryKPerW: coreKPerW, changedAgoS: commanded.changedAgoS(plan.id) },
  };
};

/** Power limit of each GPU of a server that holds the server to a cap. */
export const gpuLimitW = (capW: number, server: number, round: Round, ratings: Ratings): number => {
  const place = round.input.index.layout.servers[server];
  const rating = ratings.servers[server];
  const power = round.input.index.layout.gpus[place?.firstGpu ?? 0]?.kind.power;
  if (place === undefined || rating === undefined || power === undefined) return capW;
  const factor = plugWPerGpuW(rating, place.gpuCount, power.ratedW - power.idleW);
  const addedW = Math.max(0, capW - rating.idleW) / (factor * place.gpuCount);
  return Math.min(power.ratedW, power.idleW + addedW);
};

/** Of the GPUs that somebody works on: nothing can be done about the others. */
const gpuStates = (round: Round, instances: readonly PlannedInstance[]): readonly GpuState[] => {
  const { gpus: byId, layout } = round.input.index;
  const ids = new Set(
    instances.flatMap(({ place }) => place.gpus.map((gpu) => `${place.server}/${gpu}`)),
  );
  return [...ids].flatMap((id): readonly GpuState[] => {
    const gpu = byId.get(id);
    const limits = gpu === undefined ? undefined : layout.gpus[gpu]?.kind.limits;
    if (gpu === undefined || limits === undefined) return [];
    const now = gpuTemperatures(gpu, -1, round.input);
    const later = Array.from({ length: planHorizons }, (_, at) =>
      gpuTemperatures(gpu, at, round.input),
    );
    const core = Math.max(now.coreC, ...later.map(({ coreC }) => coreC));
    const memory = Math.max(now.memoryC, ...later.map(({ memoryC }) => memoryC));
    return [
      {
        id,
        core: { nowC: now.coreC, predictedC: core, limitC: limits.operatingMaxC },
        memory: { nowC: now.memoryC, predictedC: memory, limitC: limits.memoryMaxC },
      },
    ];
  });
};

/** Until the first breaker opens or UPS gives up, at what they carry now; undefined where none is overloaded. */
const deadlineOf = ({ levels, input }: Round): number | undefined => {
  let deadlineS: number | undefined;
  const soonest = (seconds: number): void => {
    if (Number.isFinite(seconds)) deadlineS = Math.min(deadlineS ?? Infinity, seconds);
  };
  for (const { plan } of input.index.layout.rows) {
    const use = levels.get(`row:${plan.id}`);
    if (use !== undefined) soonest(tripSecondsOf(plan.breaker, use.used / use.limit));
  }
  for (const { id } of input.index.layout.ups) {
    const use = levels.get(`ups:${id}`);
    if (use !== undefined && !use.dark)
      soonest(tripSecondsOf(assumedUpsCurve, use.used / use.limit));
  }
  return deadlineS;
};
