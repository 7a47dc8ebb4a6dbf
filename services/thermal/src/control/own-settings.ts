import { drawOf, type InstanceSetting, needsReload, type PlanAction } from '@isotherm/policy';
import { isSameVariant, type Variant } from '../profiles/profile-book.ts';
import type { Round } from '../round/round.ts';
import type { WantedConfiguration } from './actuator.ts';
import type { ConfiguredProfile } from './configured-profiles.ts';
import type { InstanceProfiles } from './instance-profiles.ts';
import type { IntendedLoads } from './intended-load.ts';
import type { LoadedVariants } from './loaded-variants.ts';

/** What instances of ours were told, and for how long that may not show. */
export interface OwnSettings {
  apply(action: PlanAction, round: Round): void;
  /** Forgets who is gone, and believes what instances say where they do not follow. */
  follow(round: Round): void;
  of(instance: string): InstanceSetting | undefined;
  wantedOf(instance: string): WantedConfiguration | undefined;
  /** What it does at most once it follows, as a share of what it does as configured. */
  speedOf(instance: string): number;
  isFresh(instance: string, plantS: number): boolean;
  changedAgoS(instance: string, plantS: number): number;
}

export interface OwnSettingsParts {
  readonly ways: Pick<InstanceProfiles, 'of'>;
  readonly loads: Pick<IntendedLoads, 'busyOf'>;
  readonly loaded: Pick<LoadedVariants, 'tell' | 'follow'>;
  /** For so long what was commanded is expected to be followed though it does not show yet, in plant seconds. */
  readonly followS: number;
  readonly timeScale: number;
}

interface Told {
  readonly setting: InstanceSetting;
  readonly wanted?: WantedConfiguration;
  readonly speed: number;
  readonly changedS: number;
  readonly freshUntilS: number;
}

export const createOwnSettings = (parts: OwnSettingsParts): OwnSettings => {
  const { ways, loads, loaded, followS, timeScale } = parts;
  const told = new Map<string, Told>();
  const isFresh = (id: string, plantS: number): boolean =>
    plantS < (told.get(id)?.freshUntilS ?? -Infinity);
  return {
    apply: (action, round) => {
      const instance = round.instances.find(({ record }) => record.id === action.instance);
      if (instance === undefined) return;
      const [first, ...rest] = ways.of(instance, round).profiles;
      if (first === undefined) return;
      const before = told.get(action.instance)?.setting ?? {
        ...{ configuration: first.key, stopped: false },
      };
      const setting = settingAfter(before, action);
      const chosen = chosenBy(setting, [first, ...rest], loads.busyOf(action.instance));
      const { variant, reloadS, configuration, speed } = chosen;
      const isReload = variant !== undefined && loaded.tell(instance, variant);
      told.set(action.instance, {
        ...{ setting, speed, changedS: round.plantS },
        freshUntilS: round.plantS + followS + (isReload ? loadFactor * reloadS : 0),
        wanted: {
          ...{ clockShare: configuration.clockShare, batchMax: configuration.batchMax },
          ...(isReload && { ...variant, loadMs: (reloadS * 1000) / timeScale }),
        },
      });
    },
    follow: (round) => {
      const { instances, plantS } = round;
      const living = new Set(instances.map(({ record }) => record.id as string));
      for (const id of told.keys()) if (!living.has(id)) told.delete(id);
      const strayed = loaded.follow(instances, plantS, (id) => isFresh(id, plantS));
      for (const { instance, runs } of strayed) {
        const clockShare = instance.load?.clockShare ?? 1;
        const way = wayOf(ways.of(instance, round).profiles, runs, clockShare);
        const { id } = instance.record;
        told.delete(id);
        if (way === undefined) continue;
        // Not as it was told: as it is, it is to be planned for.
        const setting = { configuration: way.key, stopped: false };
        told.set(id, { setting, speed: way.speed, changedS: plantS, freshUntilS: -Infinity });
      }
    },
    of: (id) => told.get(id)?.setting,
    wantedOf: (id) => told.get(id)?.wanted,
    speedOf: (id) => told.get(id)?.speed ?? 1,
    isFresh,
    changedAgoS: (id, plantS) => plantS - (told.get(id)?.changedS ?? -Infinity),
  };
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

/** What is loaded on a busy machine may take longer than its profile says. */
const loadFactor = 2;

/** An engine follows no cap: it runs at the highest clock at which what it is meant to do stays below it. */
const chosenBy = (
  setting: InstanceSetting,
  profiles: readonly [ConfiguredProfile, ...ConfiguredProfile[]],
  busyLoad: number,
): ConfiguredProfile => {
  const own = profiles.find(({ key }) => key === setting.configuration) ?? profiles[0];
  const { capW } = setting;
  if (capW === undefined) return own;
  const slower = profiles
    .filter(
      ({ configuration }) =>
        !needsReload(configuration, own.configuration) &&
        configuration.batchMax === own.configuration.batchMax &&
        configuration.clockShare <= own.configuration.clockShare,
    )
    .toSorted((a, b) => b.configuration.clockShare - a.configuration.clockShare);
  const below = slower.find(
    (profile) => drawOf(profile, { stopped: false }, busyLoad).powerW <= capW,
  );
  return below ?? slower.at(-1) ?? own;
};

/** The way in which an instance runs that has loaded something: the one whose clock is nearest. */
const wayOf = (
  profiles: readonly ConfiguredProfile[],
  runs: Variant,
  clockShare: number,
): ConfiguredProfile | undefined =>
  profiles
    .filter(
      ({ variant, configuration }) =>
        variant !== undefined && isSameVariant(variant, runs) && configuration.batchMax === 0,
    )
    .toSorted((a, b) => offBy(a, clockShare) - offBy(b, clockShare))[0];

const offBy = ({ configuration }: ConfiguredProfile, clockShare: number): number =>
  Math.abs(configuration.clockShare - clockShare);
