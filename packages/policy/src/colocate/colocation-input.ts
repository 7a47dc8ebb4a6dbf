import {
  type ModelProfile,
  type ProfileEntry,
  safeTokensPerS,
  saturationOf,
  stageCosts,
} from '@isotherm/kernel';
import { stageLoad } from '../autoscale/stage-load.ts';
import type { ColocationInput, PlannedStage, StageChoice } from './contract.ts';

/** What is asked of a model, and how soon it has to answer. */
export interface Traffic {
  readonly requestsPerS: number;
  /** Mean of a request. */
  readonly mediaPerRequest: number;
  readonly mediaTokens: number;
  readonly textTokens: number;
  readonly answerTokens: number;
  /** At the 99th percentile, in milliseconds. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
}

export interface Fabric {
  /** GPUs of a server, or threads. */
  readonly serverSize: number;
  /** At which embeddings and KV caches move between instances. */
  readonly bytesPerS: number;
}

/** What a plan of colocation is made from: a profile, the traffic and what lies between instances. */
export const colocationInput = (
  profile: ModelProfile,
  traffic: Traffic,
  { serverSize, bytesPerS }: Fabric,
): ColocationInput => {
  const { requestsPerS, mediaPerRequest, mediaTokens, textTokens, answerTokens } = traffic;
  const rates = {
    textTokensPerS: requestsPerS * textTokens,
    mediaTokensPerS: requestsPerS * mediaPerRequest * mediaTokens,
    generatedTokensPerS: requestsPerS * answerTokens,
  };
  const promptTokens = textTokens + mediaPerRequest * mediaTokens;
  const sizes = { encode: mediaTokens, prefill: textTokens, decode: promptTokens };
  const work = profile.reading === 'decoder-only' ? { ...sizes, prefill: promptTokens } : sizes;
  const move = (stage: PlannedStage, tokens: number): number => {
    const bytes = profile.stages.find((entry) => entry.stage === stage)?.bytesPerToken ?? 0;
    return (1000 * bytes * tokens) / bytesPerS;
  };
  return {
    loads: {
      encode: stageLoad('encode', profile.reading, rates),
      prefill: stageLoad('prefill', profile.reading, rates),
      decode: stageLoad('decode', profile.reading, rates),
    },
    choices: choicesOf(profile, work, traffic),
    ...{ firstTokenMs: traffic.firstTokenMs, tokenMs: traffic.tokenMs },
    embeddingMs: move('encode', mediaPerRequest * mediaTokens),
    kvCacheMs: move('prefill', work.prefill),
    ...{ serverSize, mediaPerRequest },
  };
};

/** Encoding and the prompt share the time until the first token as they share the work. */
const choicesOf = (
  { stages }: ModelProfile,
  tokens: Readonly<Record<PlannedStage, number>>,
  traffic: Traffic,
): readonly StageChoice[] => {
  const unitOf = (entry: ProfileEntry): number =>
    entry.stage === 'decode'
      ? stageCosts(entry).latencyMs(busyBatch(entry, tokens.decode, traffic.tokenMs), tokens.decode)
      : stageCosts(entry).latencyMs(1, tokens[entry.stage]);
  const sizeOf = ({ gpus, threads }: ProfileEntry): number => (gpus > 0 ? gpus : (threads ?? 1));
  const partner = (entry: ProfileEntry): number => {
    const other = entry.stage === 'encode' ? 'prefill' : 'encode';
    if (traffic.mediaPerRequest === 0) return 0;
    const found = stages.find((each) => each.stage === other && sizeOf(each) === sizeOf(entry));
    return found === undefined ? 0 : unitOf(found);
  };
  return stages.map((whole) => {
    const entry = withinMemory(whole, tokens.decode);
    const unitMs = unitOf(entry);
    const targetMs =
      entry.stage === 'decode'
        ? traffic.tokenMs
        : (traffic.firstTokenMs * unitMs) / (unitMs + partner(entry));
    return {
      ...{ stage: entry.stage, entry: entry.name, size: sizeOf(entry), unitMs },
      ...{ tokens: tokens[entry.stage], targetMs },
      capacityTokensPerS: safeTokensPerS(entry, { tokens: tokens[entry.stage], targetMs }),
    };
  });
};

/** No larger batch than whose contexts fit into memory. */
const withinMemory = (entry: ProfileEntry, contextTokens: number): ProfileEntry => {
  if (entry.kvTokensMax === undefined || contextTokens <= 0) return entry;
  const most = Math.max(1, Math.floor(entry.kvTokensMax / contextTokens));
  return { ...entry, batchMax: Math.min(entry.batchMax, most) };
};

/** The largest batch whose step is in time, of those that a profile has. */
const busyBatch = (entry: ProfileEntry, tokens: number, tokenMs: number): number => {
  const costs = stageCosts(entry);
  const batches = entry.points.map(({ batch }) => batch).toSorted((a, b) => b - a);
  const most = saturationOf(entry, tokens).batch;
  return batches.find((batch) => batch <= most && costs.latencyMs(batch, tokens) <= tokenMs) ?? 1;
};
