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
  const encodes = await measureEncode(encode, [[picture]], [1], { ...how, runsMin: 12 });
  const prefills = await measurePrefill(prefill, promptTokens, tokenAt, how);
  return {
    encode: entry('encode', encodes),
    prefill: entry('prefill', prefills),
    decode: entry('decode', await measureDecode(decode, contexts, decodeBatches, how)),
  };
};

/** The same, measured several times: medians of each point, so that what disturbs one time does not count. */
export const medianProfiles = (seen: readonly EngineProfiles[]): EngineProfiles => {
  const [first] = seen;
  if (first === undefined) throw new RangeError('no profile was measured');
  const of = (stage: keyof EngineProfiles): StageProfile => ({
    ...first[stage],
    points: first[stage].points.map((point, index) => ({
      ...point,
      latencyMs: median(seen.map((each) => each[stage].points[index]?.latencyMs ?? Number.NaN)),
    })),
  });
  return { encode: of('encode'), prefill: of('prefill'), decode: of('decode') };
};
