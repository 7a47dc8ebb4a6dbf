import type { PoolPlan } from '@isotherm/cli/autoscale';
import {
  type ModelProfile,
  type ProfileEntry,
  safeTokensPerS,
  saturationOf,
  stageCosts,
} from '@isotherm/kernel';
import type { Arrival } from '@isotherm/simulator';
import { join } from 'node:path';
import { repositoryRoot } from '../../report/repository.ts';
import { entryOf } from '../../modserve/run-arm.ts';
import { studyProfile } from '../../simulator/fleet.ts';
import type { LiveParameters } from './parameters.ts';

const profileName = 'internvl-2.5-26b';
/** Instances: an encoder on one GPU, language models on four. */
const entries = { encoder: 'encode-1', prefill: 'prefill-4', decode: 'decode-4' } as const;
export const liveServices = ['encoder', 'prefill', 'decode'] as const;
export type LiveService = (typeof liveServices)[number];
/** Instances of each stage. */
export type Counts = Readonly<Record<LiveService, number>>;

/** What is served, what it has to keep, and what each stage is scaled by. */
export interface LiveModel {
  readonly profile: ModelProfile;
  readonly entries: Readonly<Record<LiveService, ProfileEntry>>;
  readonly ttftMs: number;
  readonly tokenMs: number;
  readonly plans: readonly PoolPlan[];
  /** Instances of each stage that the mean load keeps at work all the time, and that it asks for. */
  readonly busy: Counts;
  readonly first: Counts;
  /** For the services of a stack. */
  readonly settings: Readonly<Record<string, string>>;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** A large model by its published times, asked for what the requests are on average. */
export const liveModel = (
  requests: readonly Arrival[],
  { sloTimes, startS, durationMs }: LiveParameters,
): LiveModel => {
  const profile = studyProfile(profileName);
  const of = (service: LiveService): ProfileEntry => ({
    ...entryOf(profile, entries[service]),
    startS,
  });
  const own = { encoder: of('encoder'), prefill: of('prefill'), decode: of('decode') };
  const { imageTokens } = profile.shape;
  const media = mean(requests.map((one) => one.media));
  const promptTokens = mean(requests.map((one) => one.textTokens + one.media * imageTokens));
  const answerTokens = mean(requests.map((one) => one.answerTokens));
  const encodeMs = media * stageCosts(own.encoder).latencyMs(1, imageTokens);
  const prefillMs = stageCosts(own.prefill).latencyMs(1, promptTokens);
  const ttftMs = Math.round(sloTimes * (encodeMs + prefillMs));
  const tokenMs = Math.round(sloTimes * stageCosts(own.decode).latencyMs(1, promptTokens));
  // As `isotherm up --plan`: both stages share the time to the first token as they share the work.
  const encodeShare = encodeMs / (encodeMs + prefillMs);
  const plans: readonly PoolPlan[] = [
    { service: 'encoder', entry: own.encoder, tokens: imageTokens, targetMs: encodeShare * ttftMs },
    {
      ...{ service: 'prefill', entry: own.prefill, tokens: promptTokens },
      targetMs: (1 - encodeShare) * ttftMs,
    },
    { service: 'decode', entry: own.decode, tokens: promptTokens, targetMs: tokenMs },
  ];
  const perS = (requests.length * 1000) / durationMs;
  const loads = {
    encoder: perS * media * imageTokens,
    prefill: perS * promptTokens,
    decode: perS * answerTokens,
  };
  const each = (of: (plan: PoolPlan, load: number) => number): Counts => {
    const [encoder = 1, prefill = 1, decode = 1] = plans.map((plan) =>
      of(plan, loads[plan.service]),
    );
    return { encoder, prefill, decode };
  };
  return {
    ...{ profile, entries: own, ttftMs, tokenMs, plans },
    busy: each(({ entry, tokens }, load) => load / saturationOf(entry, tokens).tokensPerS),
    first: each((plan, load) => Math.max(1, Math.ceil(load / safeTokensPerS(plan.entry, plan)))),
    settings: settingsOf(ttftMs, tokenMs),
  };
};

const settingsOf = (ttftMs: number, tokenMs: number): Readonly<Record<string, string>> => ({
  ISOTHERM_PREFIX: `bench-autoscale-${process.pid}`,
  ISOTHERM_ENGINE: 'profile',
  ISOTHERM_PROFILE_FILE: join(
    repositoryRoot,
    ...['deploy', 'profiles', 'study', `${profileName}.yaml`],
  ),
  ISOTHERM_PROFILE_ENTRIES: Object.values(entries).join(','),
  // Rows of embeddings stay small: what they are made of is not measured here.
  ISOTHERM_PROFILE: JSON.stringify({ hiddenSize: 8 }),
  // The same picture is work each time.
  ISOTHERM_EMBEDDING_CACHE_BYTES_MAX: '0',
  ISOTHERM_PREFIX_CACHE_BYTES_MAX: '0',
  ISOTHERM_DRAIN_GRACE_MS: '60000',
  ISOTHERM_SLO_CLASSES: JSON.stringify({
    standard: { ttftMs, ttftTokenMs: 0, tokenMs, waitMsMax: 2 * ttftMs, giveUpMs: 10 * ttftMs },
  }),
});
