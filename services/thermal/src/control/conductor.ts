import type { GpuId, Ratings, RoomLayout } from '@isotherm/plant';
import {
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
} from '@isotherm/policy';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Round } from '../round/round.ts';
import type { ProfileBook } from '../profiles/profile-book.ts';
import type { WantedConfiguration } from './actuator.ts';
import type { CommandKeeper } from './command-keeper.ts';
import { createInstanceProfiles } from './instance-profiles.ts';
import { createIntendedLoads } from './intended-load.ts';
import { createLoadedVariants } from './loaded-variants.ts';
import { toCome, type ToCome } from './to-come.ts';
import { createOpaqueCaps } from './opaque-caps.ts';
import { createOwnSettings } from './own-settings.ts';
import { opaqueId, planRoom } from './plan-room.ts';

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
  /** Seconds of plant time in a second. */
  readonly timeScale: number;
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

/** What a conductor needs of others. */
export interface ConductorParts {
  readonly ratings: Ratings;
  readonly book: ProfileBook;
  /** What was told to instances before. */
  readonly commands: Pick<CommandKeeper, 'noteLoad' | 'homeOf'>;
  /** Hears of each action that is decided; one that is only said, once. */
  readonly heard?: (decided: DecidedAction) => void;
}

export const createConductor = (
  { ratings, book, commands, heard = () => undefined }: ConductorParts,
  options: ConductorOptions,
): Conductor => {
  const loaded = createLoadedVariants(commands);
  const ways = createInstanceProfiles({
    ...{ ratings, book, homes: loaded.homes, timeScale: options.timeScale },
    isRefused: loaded.isRefused,
  });
  const loads = createIntendedLoads();
  const { followS, timeScale } = options;
  const own = createOwnSettings({ ways, loads, loaded, followS, timeScale });
  const opaque = createOpaqueCaps(ratings);
  const cappedS = new Map<string, number>();
  let decided: readonly DecidedAction[] = [];
  let actedS = -Infinity;
  let lastS: number | undefined;

  const roomOf = (round: Round, isEmergency: boolean, isUniform: boolean) =>
    planRoom(
      round,
      ratings,
      {
        ...{ settingOf: own.of, opaqueOf: opaque.of, loadOf: loads.of, busyOf: loads.busyOf },
        changedAgoS: (id) =>
          Math.min(
            own.changedAgoS(id, round.plantS),
            round.plantS - (cappedS.get(id) ?? -Infinity),
          ),
        profilesOf: (instance) => ways.of(instance, round),
      },
      {
        ...{ horizons: horizonsOf(options.levers), isUniform },
        releaseShare: settingsOf(isEmergency).releaseShare,
      },
    );

  const planOf = (round: Round, isEmergency: boolean): Plan =>
    planIn((isUniform) => roomOf(round, isEmergency, isUniform), isEmergency, options);

  const apply = ({ actions }: Plan, round: Round): void => {
    const noted = notedOf(decided, actions, round.atMs, options.isActing);
    decided = [...noted.toReversed(), ...decided].slice(0, actionsMax);
    noted.forEach(heard);
    if (!options.isActing || actions.length === 0) return;
    actedS = round.plantS;
    for (const action of actions) {
      const { servers } = round.input.index.layout;
      const server = servers.findIndex(({ plan }) => opaqueId(plan.id) === action.instance);
      if (server < 0) own.apply(action, round);
      else {
        cappedS.set(servers[server]?.plan.id ?? '', round.plantS);
        opaque.apply(action, server, round);
      }
    }
  };

  return {
    decide: (round, isEmergency) => {
      const dtS = round.plantS - (lastS ?? round.plantS);
      lastS = round.plantS;
      ways.learn(round);
      own.follow(round);
      loads.follow(round.instances, dtS, (instance) => ways.workOf(instance, round));
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
        isFresh: (id) => own.isFresh(id, plantS),
        isStopped: (id) => own.of(id)?.stopped ?? false,
        clockShareOf: (id) => own.wantedOf(id)?.clockShare ?? 1,
        precisionOf: (id) => own.wantedOf(id)?.precision,
        ...{ speedOf: own.speedOf, busyOf: loads.busyOf, limitsW: opaque.limitsW },
      }),
    wantedOf: (instance) => own.wantedOf(instance) ?? {},
    isStopped: (instance) => own.of(instance)?.stopped ?? false,
    limitsW: () => opaque.limitsW,
    actions: () => decided,
  };
};

const notedOf = (
  decided: readonly DecidedAction[],
  actions: readonly PlanAction[],
  atMs: number,
  done: boolean,
): readonly DecidedAction[] => {
  const fresh = actions.filter((action) => done || !isRepeated(action, decided));
  return fresh.map((action) => ({ action, atMs, done }));
};

/** Whether the same was said of the instance last: a dry run would say it every round. */
const isRepeated = (action: PlanAction, decided: readonly DecidedAction[]): boolean => {
  const last = decided.find((each) => each.action.instance === action.instance);
  return last !== undefined && last.action.kind === action.kind;
};
