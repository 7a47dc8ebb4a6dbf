import { Fault, type ModelProfile, type ProfileEntry, stageCosts } from '@isotherm/kernel';
import type { CompiledProfile, ProfileOptions } from './profile-options.ts';
import { deviceTime, takeTime } from './take-time.ts';

/** What units of a stage's work take, and how that time passes. */
export interface StageTime {
  /** Of so many media, prompts or sequences, of so many tokens each, in milliseconds. */
  ms(batch: number, tokens: number): number;
  /** Share of a text token that a media token of a prompt counts as. */
  readonly mediaTokenShare: number;
  take(ms: number, signal?: AbortSignal): Promise<void>;
}

type ProfiledStage = ProfileEntry['stage'];

/** The straight lines of options. */
export const linearTime = (stage: ProfiledStage, profile: CompiledProfile): StageTime => {
  const lines: Readonly<Record<ProfiledStage, StageTime['ms']>> = {
    encode: (batch) => profile.encodeBatchMs + profile.encodeMediumMs * batch,
    prefill: (_, tokens) => profile.prefillPromptMs + profile.prefillTokenMs * tokens,
    decode: (batch) => profile.decodeStepMs + profile.decodeSequenceMs * batch,
  };
  return { ms: lines[stage], mediaTokenShare: 1, take: takeTime };
};

/** The times of a measured or derived profile, which pass as on a device: what is late is not added up. */
export const profiledTime = (entry: ProfileEntry): StageTime => {
  const costs = stageCosts(entry);
  return {
    ms: (batch, tokens) => (batch <= 0 ? 0 : costs.latencyMs(batch, tokens)),
    mediaTokenShare: entry.mediaTokenShare ?? 1,
    take: deviceTime(),
  };
};

/**
 * The entry of a stage: of those that are named the one of this stage, else the first of it. Faults: `invalid_argument` where
 * the file has none, or where a name is none of its.
 */
export const chooseEntry = (
  profile: ModelProfile,
  stage: ProfiledStage,
  names: readonly string[] = [],
): ProfileEntry => {
  const known = profile.stages.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const message = `The profile ${profile.name} has no entry ${unknown}; it has ${known.join(', ')}.`;
    throw new Fault('invalid_argument', message);
  }
  const own = profile.stages.filter((entry) => entry.stage === stage);
  const chosen = own.find(({ name }) => names.includes(name)) ?? own[0];
  if (chosen !== undefined) return chosen;
  throw new Fault('invalid_argument', `The profile ${profile.name} has no entry for ${stage}.`);
};

/**
 * Sizes of a stand-in for a file's model: its context, its tokens a picture, its batches, and as many KV tokens. Rows of
 * embeddings and KV caches stay small, so that a large model's do not have to be moved: transfers are not stood in for.
 */
export const optionsOfProfile = (
  profile: ModelProfile,
  names: readonly string[] = [],
): ProfileOptions => {
  const has = (stage: ProfiledStage): boolean => profile.stages.some((e) => e.stage === stage);
  const { contextMaxTokens: contextMax, imageTokens } = profile.shape;
  const decode = has('decode') ? chooseEntry(profile, 'decode', names) : undefined;
  return {
    contextMax,
    imageTokens,
    ...(has('encode') && { batchMax: chooseEntry(profile, 'encode', names).batchMax }),
    ...(decode !== undefined && { slots: decode.batchMax, kvBytesPerToken: standInBytes }),
    ...(decode?.kvTokensMax !== undefined && { kvBytesMax: decode.kvTokensMax * standInBytes }),
  };
};

/** Bytes of KV cache a token that stand-ins hand on. */
const standInBytes = 16;
