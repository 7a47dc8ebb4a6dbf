import {
  type DecodeEngine,
  type EncodeEngine,
  onnxDecodeEngine,
  onnxEncodeEngine,
  onnxPrefillEngine,
  type PrefillEngine,
} from '@isotherm/engine';
import {
  type DecodeContext,
  measureDecode,
  measureEncode,
  measurePrefill,
  type Measuring,
  promptOf,
} from '@isotherm/engine/measure';
import type { FileMedium } from '@isotherm/engine/text';
import type { SourcedPoint, StageProfile } from '@isotherm/kernel';
import { median } from '../report/percentiles.ts';
import { batchMax } from './parameters.ts';

/** What stages take alone. */
export interface EngineProfiles {
  readonly encode: StageProfile;
  readonly prefill: StageProfile;
  readonly decode: StageProfile;
}

export interface MeasuredEngines {
  measure(pointS: number): Promise<EngineProfiles>;
  close(): Promise<void>;
}

const promptTokens = [16, 48, 96, 160, 250] as const;
const contextTokens = [40, 200] as const;
const decodeBatches = [1, 2, 4, 8, 16] as const;

/** The engines of a model folder, as the stages open them, in this process: nothing else of it works meanwhile. */
export const openEngines = async (
  modelDir: string,
  picture: FileMedium,
): Promise<MeasuredEngines> => {
  const options = { modelDir, precision: 'fp32' as const, threads: 1 };
  const encode = await onnxEncodeEngine({ ...options, batchMax: batchMax.encode });
  const prefill = await onnxPrefillEngine(options);
  const decode = await onnxDecodeEngine({ ...options, slots: batchMax.decode });
  const contexts = await Promise.all(contextTokens.map((tokens) => contextOf(prefill, tokens)));
  const engines = { encode, prefill, decode, picture, contexts };
  return {
    measure: (pointS) => measureAlone(engines, pointS),
    close: async () => {
      await Promise.all([encode.close(), prefill.close(), decode.close()]);
    },
  };
};

interface Engines {
  readonly encode: EncodeEngine;
  readonly prefill: PrefillEngine;
  readonly decode: DecodeEngine;
  readonly picture: FileMedium;
  readonly contexts: readonly DecodeContext[];
}

const never = new AbortController().signal;
const tokenAt = (index: number): number => 300 + (index % 200);

const contextOf = async (prefill: PrefillEngine, tokens: number): Promise<DecodeContext> => {
  const { kvCache, token } = await prefill.prefill(promptOf(tokens, tokenAt), never);
  return { tokens, kvCache, token };
};

const measureAlone = async (
  { encode, prefill, decode, picture, contexts }: Engines,
  secondsEach: number,
): Promise<EngineProfiles> => {
  const how: Measuring = {
    ...{ runsMin: 5, runsMax: 2000, secondsEach, signal: never, onPoint: () => undefined },
    energy: { joules: () => Promise.resolve(undefined) },
  };
  const entry = (stage: StageProfile['stage'], points: readonly SourcedPoint[]): StageProfile => ({
    ...{ stage, model: 'middling', hardware: 'cpu', gpus: 0, threads: 1, precision: 'fp32' },
    ...{ batchMax: batchMax[stage], points, source: 'measured' },
  });
  const seen: Record<Kind, (readonly SourcedPoint[])[]> = { encode: [], prefill: [], decode: [] };
  for (let round = 0; round < rounds; round += 1) {
    seen.encode.push(await measureEncode(encode, [[picture]], [1], { ...how, runsMin: 12 }));
    seen.prefill.push(await measurePrefill(prefill, promptTokens, tokenAt, how));
    seen.decode.push(await measureDecode(decode, contexts, decodeBatches, how));
  }
  return {
    encode: entry('encode', medians(seen.encode)),
    prefill: entry('prefill', medians(seen.prefill)),
    decode: entry('decode', medians(seen.decode)),
  };
};

/** All points are measured so many times in turn: what disturbs one round does not disturb the others. */
const rounds = 3;

const medians = (seen: readonly (readonly SourcedPoint[])[]): readonly SourcedPoint[] =>
  (seen[0] ?? []).map((point, index) => ({
    ...point,
    latencyMs: median(seen.map((round) => round[index]?.latencyMs ?? Number.NaN)),
  }));

const kinds = ['encode', 'prefill', 'decode'] as const;
type Kind = (typeof kinds)[number];
