import type { ModelProfile, Stage } from '@isotherm/kernel';
import { type EntryRateOptions, type EntryRates, entryRates } from './entry-rates.ts';

/** What an instance has loaded, or may load. */
export interface Variant {
  readonly model: string;
  readonly precision: string;
  readonly threads: number;
}

export const isSameVariant = (one: Variant, other: Variant): boolean =>
  one.model === other.model && one.precision === other.precision && one.threads === other.threads;

/** What an instance can load; threads that are absent may be any. */
export type Loadable = Omit<Variant, 'threads'> & Partial<Pick<Variant, 'threads'>>;

/** Where an instance works. */
export interface StageHardware {
  readonly stage: Stage;
  /** Class of its GPUs. */
  readonly gpuClass: string;
  readonly gpus: number;
}

/** Profiles that were read, by what they are of. */
export interface ProfileBook {
  /** Entries of something that can be loaded there: on that hardware, else on processors. */
  of(loadable: Loadable, where: StageHardware): readonly EntryRates[];
}

/** The class of entries that were measured on processors; watts and kelvins are then the plant's. */
export const processors = 'cpu';

export const createProfileBook = (
  profiles: readonly ModelProfile[],
  options: EntryRateOptions,
): ProfileBook => {
  const all = profiles.flatMap((profile) =>
    profile.stages.map((entry) => entryRates(profile, entry, options)),
  );
  return {
    of: ({ model, precision, threads }, { stage, gpuClass, gpus }) => {
      const fitting = all.filter(
        ({ profile, entry }) =>
          entry.stage === stage &&
          (profile.name === model || profile.model === model) &&
          entry.precision === precision &&
          (threads === undefined || (entry.threads ?? 1) === threads),
      );
      const there = fitting.filter(
        ({ entry }) => entry.hardware === gpuClass && entry.gpus === gpus,
      );
      if (there.length > 0) return there;
      return fitting.filter(({ entry }) => entry.hardware === processors);
    },
  };
};
