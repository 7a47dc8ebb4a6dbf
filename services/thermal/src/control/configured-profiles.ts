import { configurationKey, type Profile } from '@isotherm/policy';
import type { EntryRates } from '../profiles/entry-rates.ts';
import type { Loadable, ProfileBook, StageHardware, Variant } from '../profiles/profile-book.ts';
import { clockProfiles, clockShares, type ProfiledWork } from './clock-profiles.ts';

/** A profile with what a command has to say, and what the instance does at most there. */
export interface ConfiguredProfile extends Profile {
  readonly key: string;
  /** What is loaded; undefined where nobody knows. */
  readonly variant: Variant | undefined;
  /** Work at most, as a share of what the instance does as it was configured. */
  readonly speed: number;
}

/** An instance, to be profiled in all ways in which it can run. */
export interface ConfiguredWork extends Omit<ProfiledWork, 'precision' | 'batch' | 'fullGpuW'> {
  readonly where: StageHardware;
  /** As it was configured: what it goes back to. */
  readonly home: Variant;
  /** Most work in a batch, as configured. */
  readonly seats: number;
  readonly loadable: readonly Loadable[];
  /** What it works on together now, on average: for who has no profile. */
  readonly batch: number;
  /** How much more its GPUs draw above idle than profiles of their hardware say; absent: as much. */
  readonly wattFactor?: number;
  /** Seconds of plant time in a second: reloads take their time whatever the room's pace. */
  readonly timeScale: number;
}

export interface ConfiguredProfiles {
  /** The first is the one to go back to. */
  readonly profiles: readonly ConfiguredProfile[];
  /** Tokens a second that the instance does as it was configured; undefined where nobody measured it. */
  readonly homeTokensPerS: number | undefined;
}

/** Batches that are considered beside the configured one: halves of it, down to this share. */
const batchShares = [1, 0.5, 0.25, 0.125] as const;

/**
 * All ways in which an instance can run: what it can load, batches, clocks. By profiles of what it can load where there are any;
 * else by its clock alone, with the plant's models. What nobody has measured, or of whose quality nobody knows, is left out.
 */
export const configuredProfiles = (work: ConfiguredWork, book: ProfileBook): ConfiguredProfiles => {
  const own = book.of(work.home, work.where)[0];
  const homeTokensPerS = own?.tokensPerS(work.seats, 1) ?? 0;
  if (own === undefined || !(homeTokensPerS > 0)) {
    return { profiles: byClock(work), homeTokensPerS: undefined };
  }
  const others = work.loadable.flatMap((loadable) =>
    book
      .of(loadable, work.where)
      .map((rates) => ({ rates, variant: { ...loadable, threads: threadsOf(rates, loadable) } })),
  );
  const all = [{ rates: own, variant: work.home }, ...others];
  const profiles = new Map<string, ConfiguredProfile>();
  for (const { rates, variant } of all) {
    const quality = qualityAgainst(own, rates);
    if (quality === undefined) continue;
    for (const profile of ofVariant(work, { rates, variant, quality, homeTokensPerS })) {
      if (!profiles.has(profile.key)) profiles.set(profile.key, profile);
    }
  }
  return { profiles: [...profiles.values()], homeTokensPerS };
};

const byClock = (work: ConfiguredWork): readonly ConfiguredProfile[] =>
  clockProfiles({ ...work, precision: work.home.precision }).map((profile) => ({
    ...{ ...profile, key: configurationKey(profile.configuration), variant: undefined },
    speed: profile.configuration.clockShare,
  }));

interface Known {
  readonly rates: EntryRates;
  readonly variant: Variant;
  readonly quality: number;
  readonly homeTokensPerS: number;
}

const ofVariant = (
  work: ConfiguredWork,
  { rates, variant, quality, homeTokensPerS }: Known,
): readonly ConfiguredProfile[] => {
  const { entry } = rates;
  const most = Math.max(1, Math.min(entry.batchMax, work.seats));
  const batches = new Set(batchShares.map((share) => Math.max(1, Math.round(most * share))));
  return [...batches].flatMap((batch) => {
    const gpuW = entry.hardware === work.where.gpuClass ? rates.powerW(batch) : undefined;
    const idleW = work.gpus[0]?.kind.power.idleW ?? 0;
    const aboveIdleW = gpuW === undefined ? 0 : gpuW / work.gpus.length - idleW;
    const clocked = clockProfiles({
      ...{ ...work, model: variant.model, precision: variant.precision, batch },
      fullGpuW: gpuW === undefined ? undefined : idleW + (work.wattFactor ?? 1) * aboveIdleW,
    });
    return clocked.map((profile, at): ConfiguredProfile => {
      const clockShare = clockShares[at] ?? 1;
      const configuration = {
        ...profile.configuration,
        ...{ threads: variant.threads, batchMax: batch === most ? 0 : batch },
      };
      return {
        ...{ ...profile, configuration, variant, quality },
        key: configurationKey(configuration),
        goodput: rates.goodTokensPerS(batch, clockShare) / homeTokensPerS,
        speed: rates.tokensPerS(batch, clockShare) / homeTokensPerS,
        reloadS: entry.startS * work.timeScale,
      };
    });
  });
};

const threadsOf = ({ entry }: EntryRates, { threads }: Loadable): number =>
  threads ?? entry.threads ?? 1;

/** Of the same file, or where both say: else nobody knows which answers are better. */
const qualityAgainst = (own: EntryRates, other: EntryRates): number | undefined => {
  const [ownQuality, quality] = [own, other].map(
    ({ profile, entry }) => entry.quality ?? profile.quality,
  );
  if (own.profile === other.profile) return quality ?? ownQuality ?? 1;
  return ownQuality === undefined ? undefined : quality;
};
