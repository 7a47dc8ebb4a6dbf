import type { Ratings } from '@isotherm/plant';
import { workKindOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import { usedShare } from '../instances/used-share.ts';
import type { EntryRates } from '../profiles/entry-rates.ts';
import type { ProfileBook, StageHardware, Variant } from '../profiles/profile-book.ts';
import type { Round } from '../round/round.ts';
import { ratingNow } from './rating-now.ts';
import { createWattFactors } from './watt-factors.ts';
import {
  type ConfiguredProfiles,
  type ConfiguredWork,
  configuredProfiles,
} from './configured-profiles.ts';
import { type InstanceHomes, loadedBy } from './instance-homes.ts';

/** The ways in which instances can run, and where they are among them. */
export interface InstanceProfiles {
  /** Learns from what is measured of those that have a profile. */
  learn(round: Round): void;
  of(instance: PlacedInstance, round: Round): ConfiguredProfiles;
  /** Share of what it could do as it runs now, and that as a share of what it does as configured. */
  workOf(instance: PlacedInstance, round: Round): { readonly used: number; readonly speed: number };
}

export interface InstanceProfileParts {
  readonly ratings: Ratings;
  readonly book: ProfileBook;
  readonly homes: Pick<InstanceHomes, 'of'>;
  /** Seconds of plant time in a second. */
  readonly timeScale: number;
  /** Whether an instance refused to load something a while ago. */
  readonly isRefused: (instance: string, variant: Variant) => boolean;
}

const nothing: ConfiguredProfiles = { profiles: [], homeTokensPerS: undefined };

export const createInstanceProfiles = (parts: InstanceProfileParts): InstanceProfiles => {
  const factors = createWattFactors();
  const known = new Map<string, { readonly by: string; readonly made: ConfiguredProfiles }>();

  /** Made anew only where something has changed that shows. */
  const of = (instance: PlacedInstance, round: Round): ConfiguredProfiles => {
    const found = workFor(instance, round, parts);
    if (found === undefined) return nothing;
    const factor = factors.of(instance.record.id);
    const work = { ...found, wattFactor: Math.round(factor * factorSteps) / factorSteps };
    const { id } = instance.record;
    const by = fingerprint(work);
    const before = known.get(id);
    if (before?.by === by) return before.made;
    if (known.size >= instancesMax) known.clear();
    const made = configuredProfiles(work, parts.book);
    known.set(id, { by, made });
    return made;
  };

  /** The entry of what it has loaded now. */
  const ratesNow = (instance: PlacedInstance, round: Round): EntryRates | undefined => {
    const where = whereOf(instance, round);
    return where && parts.book.of(loadedBy(instance), where)[0];
  };

  return {
    of,
    learn: (round) =>
      factors.follow(round, (instance) => {
        const rates = ratesNow(instance, round);
        return rates?.entry.hardware === whereOf(instance, round)?.gpuClass ? rates : undefined;
      }),
    workOf: (instance, round) => {
      const clockShare = instance.load?.clockShare ?? 1;
      const { homeTokensPerS } = of(instance, round);
      const rates = homeTokensPerS === undefined ? undefined : ratesNow(instance, round);
      const used = usedShare(instance, rates);
      if (rates === undefined || homeTokensPerS === undefined) return { used, speed: clockShare };
      const seats = Math.min(instance.record.capacity, rates.entry.batchMax);
      return { used, speed: rates.tokensPerS(seats, clockShare) / homeTokensPerS };
    },
  };
};

/** Of more than these some are gone. */
const instancesMax = 10_000;

const workFor = (
  instance: PlacedInstance,
  round: Round,
  { ratings, homes, timeScale, isRefused }: InstanceProfileParts,
): ConfiguredWork | undefined => {
  const { record, gpus, server, load, loadable = [] } = instance;
  const { layout } = round.input.index;
  const rating = server === undefined ? undefined : ratings.servers[server];
  const where = whereOf(instance, round);
  if (server === undefined || rating === undefined || where === undefined) return undefined;
  const own = round.now.layout.gpus;
  const home = homes.of(instance);
  return {
    ...{ kind: workKindOf(record.stage), model: record.model, where, timeScale },
    server: ratingNow(server, round, ratings) ?? rating,
    ...{ home: home.variant, seats: home.seats },
    loadable: loadable.filter((each) => !isRefused(record.id, { threads: 1, ...each })),
    batch: Math.max(1, Math.round(load?.batch ?? 1)),
    gpus: gpus.flatMap((gpu) => own[gpu] ?? []),
    serverGpus: layout.servers[server]?.gpuCount ?? 1,
  };
};

/** What profiles are made from; what was learnt counts in tenths of a kelvin, in percents, and in steps of watts. */
const fingerprint = (work: ConfiguredWork): string => {
  const { where, home, seats, loadable, batch, gpus, model, kind, server, wattFactor } = work;
  const [gpu] = gpus;
  const { offsetK = 0, riseScale = 1 } = gpu?.thermal ?? {};
  const share = gpu?.kind.power.stages[kind].shareMax ?? 1;
  const watts = [Math.round(server.idleW / wattsStep), Math.round(server.fullW / wattsStep)];
  const learnt = [offsetK.toFixed(1), riseScale.toFixed(2), share.toFixed(2), ...watts, wattFactor];
  return JSON.stringify([where, home, seats, loadable, batch, gpus.length, model, learnt]);
};

const wattsStep = 25;
const factorSteps = 20;

const whereOf = (
  { record, server, gpus }: PlacedInstance,
  round: Round,
): StageHardware | undefined => {
  const kind = server === undefined ? undefined : round.input.index.layout.servers[server]?.kind;
  return kind && { stage: record.stage, gpuClass: kind.gpu, gpus: gpus.length };
};
