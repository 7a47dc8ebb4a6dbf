import { setTimeout as delay } from 'node:timers/promises';
import { isSameVariant, type ProfileOptions, type Variant } from '@isotherm/engine';
import { chooseEntry, profiledTime, type StageTime } from '@isotherm/engine/profile';
import { Fault, type ModelProfile, type ProfileEntry } from '@isotherm/kernel';
import { type Loadable, type Loads, loadableText } from './loads.ts';

/** What an engine that takes a profile's times is made with. */
export interface ProfileLoad {
  readonly options: ProfileOptions;
  readonly time: StageTime;
}

export interface ProfileLoadsOptions {
  /** Entries that are served, by name. */
  readonly names: readonly string[];
  /** The engine's sizes with the batches of an entry. */
  readonly optionsOf: (batches: Pick<ProfileOptions, 'slots' | 'batchMax'>) => ProfileOptions;
  readonly wait?: (ms: number) => Promise<unknown>;
}

interface Choice {
  readonly profile: ModelProfile;
  readonly entry: ProfileEntry;
}

/**
 * What an instance that stands in for hardware can load: the entries of its profiles for the same stage on the same hardware.
 * The first profile has what it begins with. Loading takes as long as the entry says, as it would there.
 */
export const profileLoads = (
  [home, ...others]: readonly [ModelProfile, ...ModelProfile[]],
  stage: ProfileEntry['stage'],
  { names, optionsOf, wait = delay }: ProfileLoadsOptions,
): Loads<ProfileLoad> => {
  const own = chooseEntry(home, stage, names);
  const choices = [home, ...others].flatMap((profile) =>
    profile.stages
      .filter((entry) => entry.stage === stage && isSameHardware(entry, own))
      .map((entry): Choice => ({ profile, entry })),
  );
  const loadable = choices.map(loadableOf);
  const variant = variantOf({ profile: home, entry: own });
  let isLoaded = false;
  return {
    variant,
    loadable,
    load: async (wanted) => {
      const chosen = isSameVariant(wanted, variant)
        ? { profile: home, entry: own }
        : choices.find((choice) => isSameVariant(wanted, variantOf(choice)));
      if (chosen === undefined) {
        const { model, precision, threads } = wanted;
        throw new Fault(
          'unsupported',
          `Its profiles have no ${loadableText([{ model, precision, threads }])} for ${stage} ` +
            `on ${own.hardware}; there is ${loadableText(loadable)}.`,
        );
      }
      // It was there before the instance was.
      if (isLoaded) await wait(chosen.entry.startS * 1000);
      isLoaded = true;
      const { batchMax } = chosen.entry;
      return {
        options: optionsOf(stage === 'decode' ? { slots: batchMax } : { batchMax }),
        time: profiledTime(chosen.entry),
      };
    },
  };
};

const isSameHardware = (one: ProfileEntry, other: ProfileEntry): boolean =>
  one.hardware === other.hardware && one.gpus === other.gpus;

const variantOf = ({ profile, entry }: Choice): Variant => ({
  ...{ model: profile.name, precision: entry.precision, threads: entry.threads ?? 1 },
});

const loadableOf = (choice: Choice): Loadable => variantOf(choice);
