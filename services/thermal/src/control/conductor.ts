import type { GpuId, Ratings, RoomLayout } from '@isotherm/plant';
import {
  configurationKey,
  drawOf,
  type InstanceSetting,
  type Levers,
  type Plan,
  type PlanAction,
  type PlanRoom,
  type PlanSettings,
  emergencyDefaults,
  planDefaults,
  planEmergency,
  planReconfiguration,
  planUniformCap,
  type Profile,
} from '@isotherm/policy';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Round } from '../round/round.ts';
import type { WantedConfiguration } from './actuator.ts';
import { createIntendedLoads } from './intended-load.ts';
import { toCome, type ToCome } from './to-come.ts';
import { gpuLimitW, opaqueId, planRoom, profilesOf } from './plan-room.ts';

export interface ConductorOptions {
  readonly levers: Pick<Levers, 'reconfigure' | 'route'>;
  /** In an emergency everybody is capped alike, whoever it is: a baseline. */
  readonly isUniform: boolean;
  /** `false`: what would be done is said and not done. */
  readonly isActing: boolean;
  /** Nothing more is planned for so long after something was done, in plant seconds. */
  readonly settleS: number;
  /** For so long what was commanded is expected to be followed though it does not show yet, in plant seconds. */
  readonly followS: number;
}

/** One action with when and how it was decided. */
export interface DecidedAction {
  readonly action: PlanAction;
  readonly atMs: number;
  readonly done: boolean;
}

/** Decides how instances are to run, round by round, and remembers what it decided. */
export interface Conductor {
  /** Plans by what the round found; acts on it. `isEmergency`: limits have dropped. */
  decide(round: Round, isEmergency: boolean): void;
  /** What a plan would do for some instances now (all where none is named); changes nothing. */
  plan(round: Round, isEmergency: boolean, only: ReadonlySet<string>): Plan;
  /** Does what a plan says. */
  apply(plan: Plan, round: Round): void;
  /** What was commanded a short while ago and may not show yet. */
  toCome(instances: readonly PlacedInstance[], layout: RoomLayout, plantS: number): ToCome;
  wantedOf(instance: string): WantedConfiguration;
  isStopped(instance: string): boolean;
  /** Power limits of GPUs of opaque tenants that are capped. */
  limitsW(): ReadonlyMap<GpuId, number>;
  /** The last ones, newest first. */
  actions(): readonly DecidedAction[];
}

const actionsMax = 128;
/**
 * Up to where things are given back: an oversubscribed room works at nine tenths of its power, and a temperature follows what
 * is given back within seconds.
 */
const release = { releaseShare: 0.93, releaseK: 6 };
const settingsOf = (isEmergency: boolean): PlanSettings =>
  isEmergency
    ? { ...emergencyDefaults, releaseK: release.releaseK }
    : { ...planDefaults, ...release };

/**
 * The predictions that count, of 10 s, 60 s and 10 min. All that is turned today is turned within a second, so that a minute
 * is early enough; where routers move work by the same headroom, they are to have done that first.
 */
const horizonsOf = ({ route }: Pick<Levers, 'route'>): number => (route ? 1 : 2);

const planIn = (
  roomOf: (isUniform: boolean) => PlanRoom,
  isEmergency: boolean,
  { levers, isUniform }: Pick<ConductorOptions, 'levers' | 'isUniform'>,
): Plan => {
  const settings = settingsOf(isEmergency);
  if (!isEmergency) return planReconfiguration(roomOf(false), levers, settings);
  if (isUniform && levers.reconfigure) return planUniformCap(roomOf(true), settings);
  return planEmergency(roomOf(false), levers, settings);
};

export const createConductor = (ratings: Ratings, options: ConductorOptions): Conductor => {
  const settings = new Map<string, InstanceSetting>();
  const wanted = new Map<string, WantedConfiguration>();
  const opaque = new Map<string, { readonly capW: number; readonly demandW: number }>();
  const limits = new Map<GpuId, number>();
  const changedS = new Map<string, number>();
  const loads = createIntendedLoads();
  let decided: readonly DecidedAction[] = [];
  let actedS = -Infinity;
  let lastS: number | undefined;

  const roomOf = (round: Round, isEmergency: boolean, isUniform: boolean) =>
    planRoom(
      round,
      ratings,
      {
        settingOf: (id) => settings.get(id),
        opaqueOf: (server) => opaque.get(server),
        changedAgoS: (id) => round.plantS - (changedS.get(id) ?? -Infinity),
        loadOf: (id) => loads.of(id),
      },
      {
        ...{ horizons: horizonsOf(options.levers), isUniform },
        releaseShare: settingsOf(isEmergency).releaseShare,
      },
    );

  const planOf = (round: Round, isEmergency: boolean): Plan =>
    planIn((isUniform) => roomOf(round, isEmergency, isUniform), isEmergency, options);

  const apply = ({ actions }: Plan, round: Round): void => {
    decided = withNoted(decided, actions, round.atMs, options.isActing);
    if (!options.isActing || actions.length === 0) return;
    actedS = round.plantS;
    for (const action of actions) {
      const server = round.input.index.layout.servers.findIndex(
        ({ plan }) => opaqueId(plan.id) === action.instance,
      );
      if (server >= 0) applyToOpaque(action, server, round);
      else applyToOwn(action, round);
    }
  };

  const applyToOwn = (action: PlanAction, round: Round): void => {
    const instance = round.instances.find(({ record }) => record.id === action.instance);
    if (instance === undefined) return;
    const profiles = profilesOf(instance, round, ratings);
    const [first] = profiles;
    if (first === undefined) return;
    const before = settings.get(action.instance) ?? {
      ...{ configuration: configurationKey(first.configuration), stopped: false },
    };
    const after = settingAfter(before, action);
    settings.set(action.instance, after);
    changedS.set(action.instance, round.plantS);
    wanted.set(action.instance, wantedBy(after, profiles, loads.of(action.instance)));
  };

  const applyToOpaque = (action: PlanAction, server: number, round: Round): void => {
    const place = round.input.index.layout.servers[server];
    if (place === undefined) return;
    const { id } = place.plan;
    const capW = action.kind === 'cap' ? action.capW : undefined;
    const usedW = round.levels.get(`server:${id}`)?.used ?? 0;
    changedS.set(id, round.plantS);
    if (capW === undefined) opaque.delete(id);
    else opaque.set(id, { capW, demandW: Math.max(usedW, opaque.get(id)?.demandW ?? 0) });
    for (let each = 0; each < place.gpuCount; each += 1) {
      const gpu = round.input.index.layout.gpus[place.firstGpu + each]?.id;
      if (gpu === undefined) continue;
      if (capW === undefined) limits.delete(gpu);
      else limits.set(gpu, gpuLimitW(capW, server, round, ratings));
    }
  };

  return {
    decide: (round, isEmergency) => {
      const dtS = round.plantS - (lastS ?? round.plantS);
      lastS = round.plantS;
      forgetGone(round, [settings, wanted, changedS]);
      loads.follow(round.instances, dtS);
      if (!options.levers.reconfigure || round.plantS - actedS < options.settleS) return;
      apply(planOf(round, isEmergency), round);
    },
    plan: (round, isEmergency, only) => {
      const plan = planOf(round, isEmergency);
      if (only.size === 0) return plan;
      return { ...plan, actions: plan.actions.filter(({ instance }) => only.has(instance)) };
    },
    apply,
    toCome: (instances, layout, plantS) =>
      toCome(instances, layout, {
        isFresh: (id) => plantS - (changedS.get(id) ?? -Infinity) < options.followS,
        isStopped: (id) => settings.get(id)?.stopped ?? false,
        clockShareOf: (id) => wanted.get(id)?.clockShare ?? 1,
        loadOf: (id) => loads.of(id),
        limitsW: limits,
      }),
    wantedOf: (instance) => wanted.get(instance) ?? {},
    isStopped: (instance) => settings.get(instance)?.stopped ?? false,
    limitsW: () => limits,
    actions: () => decided,
  };
};

const forgetGone = (round: Round, books: readonly Map<string, unknown>[]): void => {
  const living = new Set(round.instances.map(({ record }) => record.id as string));
  const [known] = books;
  for (const id of known?.keys() ?? []) {
    if (!living.has(id)) for (const book of books) book.delete(id);
  }
};

const withNoted = (
  decided: readonly DecidedAction[],
  actions: readonly PlanAction[],
  atMs: number,
  done: boolean,
): readonly DecidedAction[] => {
  const fresh = actions.filter((action) => done || !isRepeated(action, decided));
  const noted = fresh.map((action) => ({ action, atMs, done }));
  return [...noted.toReversed(), ...decided].slice(0, actionsMax);
};

const settingAfter = (before: InstanceSetting, action: PlanAction): InstanceSetting => {
  const { capW: _, ...uncapped } = before;
  switch (action.kind) {
    case 'reconfigure':
      return { ...before, configuration: action.to };
    case 'cap':
      return { ...before, capW: action.capW };
    case 'stop-routing':
      return { ...before, stopped: true };
    case 'release':
      return action.of === 'cap' ? uncapped : { ...before, stopped: false };
    default:
      return action satisfies never;
  }
};

/** An engine follows no cap: it runs at the highest clock at which what it is meant to do stays below it. */
const wantedBy = (
  setting: InstanceSetting,
  profiles: readonly Profile[],
  load: number,
): WantedConfiguration => {
  const own = profiles.find(
    ({ configuration }) => configurationKey(configuration) === setting.configuration,
  );
  const { clockShare = 1, batchMax = 0 } = own?.configuration ?? {};
  const { capW } = setting;
  if (capW === undefined) return { clockShare, batchMax };
  const below = profiles
    .filter((profile) => drawOf(profile, { stopped: false }, load).powerW <= capW)
    .map((profile) => profile.configuration.clockShare);
  const lowest = Math.min(...profiles.map((profile) => profile.configuration.clockShare));
  return {
    clockShare: Math.min(clockShare, below.length > 0 ? Math.max(...below) : lowest),
    batchMax,
  };
};

/** Whether the same was said of the instance last: a dry run would say it every round. */
const isRepeated = (action: PlanAction, decided: readonly DecidedAction[]): boolean => {
  const last = decided.find((each) => each.action.instance === action.instance);
  return last !== undefined && last.action.kind === action.kind;
};
