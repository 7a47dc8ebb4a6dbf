import { assumedUpsCurve, type Ratings, steadyRiseK, tripSecondsOf } from '@isotherm/plant';
import {
  type AdjustableInstance,
  type GpuState,
  type InstanceSetting,
  type OpaqueInstance,
  type PlannedInstance,
  type PlanRoom,
  type Profile,
} from '@isotherm/policy';
import { canBind, gpuTemperatures, levelsAbove } from '../headroom/instance-headroom.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Round } from '../round/round.ts';
import { easedAisles } from './eased-aisles.ts';
import { aisleMargins } from './aisle-margins.ts';
import { plugWPerGpuW } from './clock-profiles.ts';
import type { ConfiguredProfiles } from './configured-profiles.ts';
import { planLevels } from './plan-levels.ts';
import { ratingNow } from './rating-now.ts';

/** What was commanded until now, and when. */
export interface CommandedRoom {
  settingOf(instance: string): InstanceSetting | undefined;
  /** Cap of an opaque server, and what it drew before. */
  opaqueOf(server: string): { readonly capW: number; readonly demandW: number } | undefined;
  changedAgoS(id: string): number;
  profilesOf(instance: PlacedInstance): ConfiguredProfiles;
  /** Shares of what they do at most as configured: of work, and of time. */
  loadOf(instance: string): number;
  busyOf(instance: string): number;
}

/** How far ahead a plan looks, and up to which share of a limit it gives back. */
export interface PlanLook {
  /** How many of the predictions count. */
  readonly horizons: number;
  readonly releaseShare: number;
  /** Opaque tenants are part of it whatever physics leaves. */
  readonly isUniform: boolean;
}

/**
 * The room of a round as `planReconfiguration` and `planEmergency` take it: by its predictions alone, which have in them
 * what was commanded and does not show yet. Opaque tenants are part of it only where physics leaves no other choice.
 */
export const planRoom = (
  round: Round,
  ratings: Ratings,
  commanded: CommandedRoom,
  look: PlanLook,
): PlanRoom => {
  const { layout } = round.input.index;
  const profiled = round.instances.map(
    (instance) => [instance, commanded.profilesOf(instance)] as const,
  );
  const unitOf = unitsOf(profiled);
  const adjustable = profiled.flatMap(([instance, profiles]) =>
    adjustableOf(instance, profiles, unitOf(instance), commanded),
  );
  const margins = aisleMargins(round);
  const opaque = layout.servers.flatMap(({ plan, aisle }, server) => {
    if (plan.tenant !== 'opaque') return [];
    const isCapped = look.isUniform || commanded.opaqueOf(plan.id) !== undefined;
    const isForced =
      (margins[aisle]?.stopK ?? Infinity) <= stopNearK || isPowerPassed(server, round);
    return isCapped || isForced ? [opaqueOf(server, round, ratings, commanded)] : [];
  });
  const instances: readonly PlannedInstance[] = [...adjustable, ...opaque];
  const deadlineS = deadlineOf(round);
  const levels = planLevels(round, (use) =>
    Math.max(...(use.predicted.length > 0 ? use.predicted.slice(0, look.horizons) : [use.used])),
  );
  return {
    levels: easedAisles(levels, adjustable, margins, { ...look, index: round.input.index }),
    instances,
    gpus: gpuStates(round, instances, look.horizons),
    ...(deadlineS !== undefined && { deadlineS }),
  };
};

/** Nothing of ours that is left to give would be given in time by now: kelvins left of what nothing holds. */
const stopNearK = 1;

/** A limit of power above a server is passed, with all that was commanded until now. */
const isPowerPassed = (server: number, { input, levels }: Round): boolean => {
  const id = input.index.layout.servers[server]?.plan.id ?? '';
  return levelsAbove(levels, { level: 'server', id }).some(
    ({ use }) =>
      use.of.level !== 'aisle' &&
      !use.dark &&
      canBind(use) &&
      (use.predicted[0] ?? use.used) > use.limit,
  );
};

const adjustableOf = (
  { record, place }: PlacedInstance,
  { profiles }: ConfiguredProfiles,
  unit: number,
  commanded: CommandedRoom,
): readonly AdjustableInstance[] => {
  const [first] = profiles;
  if (place === undefined || first === undefined) return [];
  const preferred = first.key;
  const setting = commanded.settingOf(record.id);
  const isKnown = profiles.some(({ key }) => key === setting?.configuration);
  return [
    {
      ...{ tenant: 'adjustable', id: record.id, place, stage: record.stage, model: record.model },
      load: unit * commanded.loadOf(record.id),
      busyLoad: unit * commanded.busyOf(record.id),
      profiles: inUnit(profiles, unit),
      preferred,
      current: setting !== undefined && isKnown ? setting : asPreferred(preferred, setting),
      changedAgoS: commanded.changedAgoS(record.id),
    },
  ];
};

/** The same list for the same profiles, as long as they are: who plans looks through it once. */
const inUnits = new WeakMap<
  readonly Profile[],
  { readonly unit: number; readonly profiles: readonly Profile[] }
>();

const inUnit = (profiles: readonly Profile[], unit: number): readonly Profile[] => {
  if (unit === 1) return profiles;
  const known = inUnits.get(profiles);
  if (known?.unit === unit) return known.profiles;
  const made = profiles.map((profile) => ({ ...profile, goodput: unit * profile.goodput }));
  inUnits.set(profiles, { unit, profiles: made });
  return made;
};

/** Who runs in a way of which there is no profile any more counts as running as configured; caps and stops stay. */
const asPreferred = (preferred: string, setting: InstanceSetting | undefined): InstanceSetting => ({
  ...{ stopped: false, ...setting, configuration: preferred },
});

/**
 * What a share of an instance's work is in the unit of its pool: tokens a second where profiles know them of all that take each
 * other's work, else an instance as it was configured.
 */
const unitsOf = (
  instances: readonly (readonly [PlacedInstance, ConfiguredProfiles])[],
): ((instance: PlacedInstance) => number) => {
  const poolOf = ({ record }: PlacedInstance): string => `${record.stage} ${record.model}`;
  const unknown = new Set(
    instances.flatMap(([each, { homeTokensPerS }]) => (homeTokensPerS ? [] : [poolOf(each)])),
  );
  const rates = new Map(
    instances.map(([{ record }, { homeTokensPerS }]) => [record.id as string, homeTokensPerS]),
  );
  return (instance) => (unknown.has(poolOf(instance)) ? 1 : (rates.get(instance.record.id) ?? 1));
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
  const rating = ratingNow(server, round, ratings);
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
  const rating = ratingNow(server, round, ratings);
  const power = round.input.index.layout.gpus[place?.firstGpu ?? 0]?.kind.power;
  if (place === undefined || rating === undefined || power === undefined) return capW;
  const factor = plugWPerGpuW(rating, place.gpuCount, power.ratedW - power.idleW);
  const addedW = Math.max(0, capW - rating.idleW) / (factor * place.gpuCount);
  return Math.min(power.ratedW, power.idleW + addedW);
};

/** Of the GPUs that somebody works on: nothing can be done about the others. */
const gpuStates = (
  round: Round,
  instances: readonly PlannedInstance[],
  horizons: number,
): readonly GpuState[] => {
  const { gpus: byId, layout } = round.input.index;
  const ids = new Set(
    instances.flatMap(({ place }) => place.gpus.map((gpu) => `${place.server}/${gpu}`)),
  );
  return [...ids].flatMap((id): readonly GpuState[] => {
    const gpu = byId.get(id);
    const limits = gpu === undefined ? undefined : layout.gpus[gpu]?.kind.limits;
    if (gpu === undefined || limits === undefined) return [];
    const now = gpuTemperatures(gpu, -1, round.input);
    const later = Array.from({ length: horizons }, (_, at) =>
      gpuTemperatures(gpu, at, round.input),
    );
    const core = Math.max(...later.map(({ coreC }) => coreC));
    const memory = Math.max(...later.map(({ memoryC }) => memoryC));
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
