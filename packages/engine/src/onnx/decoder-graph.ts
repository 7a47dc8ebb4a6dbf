import { Fault } from '@isotherm/kernel';
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  crossNames,
  type KvLayout,
  kvNames,
  newKvName,
  presentName,
} from '../model-folder/kv-layout.ts';
import type { ModelFolder } from '../model-folder/model-folder.ts';
import { deltaDecoderFile, graphFile } from '../model-folder/precision.ts';
import { asFloatType, emptyFloats, type FloatData, type FloatType } from './float-data.ts';
import { halfToFloat } from './half-float.ts';
import { tokenEmbedder } from './token-embedder.ts';
import {
  type Feeds,
  type Fetches,
  floatOutput,
  floatTensor,
  type GraphOptions,
  hasOperator,
  boolTensor,
  int64Tensor,
  openSession,
} from './session.ts';

/** The decoder of a model with its embedding table, loaded and checked against the model's configuration. */
export interface DecoderGraph {
  readonly layout: KvLayout;
  readonly kvNames: readonly string[];
  /** What cross-attention layers read; undefined where the decoder has none. */
  readonly cross: CrossInputs | undefined;
  readonly kvType: FloatType;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** Whether attention is `com.microsoft.GroupQueryAttention`, which reads only the number of ones in the mask. */
  readonly grouped: boolean;
  /** Whether a run gives back the whole cache with the new tokens behind it, or the new tokens alone. */
  readonly cacheOutput: 'whole' | 'new';
  embed(tokens: ArrayLike<number>): Promise<FloatData>;
  /** Runs rows of equally many new tokens behind a past of equal length. */
  run(step: DecoderStep, fetches?: Fetches): Promise<DecoderResult>;
}

/** Tensors of the media that are seen, for each cross-attention layer a key and a value. */
export interface CrossInputs {
  readonly layout: KvLayout;
  readonly names: readonly string[];
}

/** Media side by side, and who sees which of their tokens. */
export interface CrossSight {
  /** Media tokens of each row, unseen ones included; at least 1. */
  readonly tokens: number;
  /** [rows, newTokens, tokens]: 1 where a new token sees a media token. A token that sees none skips these layers. */
  readonly mask: BigInt64Array;
  /** A tensor [rows, kvHeads, tokens, headSize] for each of `cross.names`. */
  readonly states: readonly FloatData[];
}

export interface DecoderStep {
  readonly rows: number;
  readonly newTokens: number;
  /** Length of the past that is fed, masked positions included. */
  readonly pastTokens: number;
  /** [rows, newTokens, hiddenSize]. */
  readonly embeds: FloatData;
  /** [rows, pastTokens + newTokens] unless the graph is `grouped`; all ones if not given. */
  readonly mask?: OrtTensor;
  /** [rows, newTokens]: the position of each new token. */
  readonly positions: ArrayLike<number>;
  /** A tensor [rows, kvHeads, pastTokens, headSize] for each of `kvNames`. */
  readonly past: readonly OrtTensor[];
  /** For graphs with cross-attention; no row sees any medium if not given. */
  readonly sight?: CrossSight | undefined;
}

export interface DecoderResult {
  /** [rows, steps, vocabularySize] in float32; the last step is the newest token. */
  readonly logits: Float32Array;
  /**
   * For each of `kvNames`: [rows, kvHeads, pastTokens + newTokens, headSize], the new past; or where the graph gives
   * only new tokens [rows, kvHeads, newTokens, headSize].
   */
  readonly present: readonly FloatData[];
}

/** The decoder's file: the one that gives only what is new where the folder has it, or else the usual one. */
const decoderFile = async (
  { dir }: ModelFolder,
  { precision, decoder }: GraphOptions,
): Promise<string> => {
  const delta = decoder === 'merged' ? undefined : await deltaDecoderFile(dir, precision);
  return delta ?? graphFile(dir, 'decoder_model_merged', precision);
};

/** Loads embedding table and decoder. Faults: `unsupported` where graph and configuration do not fit. */
export const loadDecoderGraph = async (
  folder: ModelFolder,
  options: GraphOptions,
): Promise<DecoderGraph> => {
  const { precision, threads } = options;
  const [embedPath, decoderPath] = await Promise.all([
    graphFile(folder.dir, 'embed_tokens', precision),
    decoderFile(folder, options),
  ]);
  const embedSession = await openSession(embedPath, threads);
  const decoder = await openSession(decoderPath, threads);
  const grouped = await hasOperator(decoderPath, 'GroupQueryAttention');
  const { self, cross } = folder.layouts;
  const names = kvNames(self);
  const kvType = checkedKvType(decoder, self, names, 'past_key_values.');
  const crossInputs = cross === undefined ? undefined : { layout: cross, names: crossNames(cross) };
  if (crossInputs !== undefined) {
    checkedKvType(decoder, crossInputs.layout, crossInputs.names, 'cross_key_values.');
  }
  const embedsType = inputType(decoder, 'inputs_embeds') ?? 'float32';
  const optional = new Set(decoder.inputNames);
  const { hiddenSize, vocabularySize } = folder.facts(precision);
  const cacheOutput = decoder.outputNames.some((name) => name.startsWith('new_key_values.'))
    ? 'new'
    : 'whole';
  const cacheName = cacheOutput === 'new' ? newKvName : presentName;
  const outputNames = ['logits', ...names.map(cacheName)];
  return {
    layout: self,
    kvNames: names,
    cross: crossInputs,
    kvType,
    hiddenSize,
    vocabularySize,
    grouped,
    cacheOutput,
    embed: await tokenEmbedder(embedSession, { hiddenSize, vocabularySize }),
    run: async (step, fetches) => {
      const { rows, newTokens, pastTokens } = step;
      const total = pastTokens + newTokens;
      const feeds: Feeds = {
        inputs_embeds: floatTensor(embedsType, asFloatType(step.embeds, embedsType), [
          rows,
          newTokens,
          hiddenSize,
        ]),
        attention_mask:
          step.mask ?? int64Tensor(new Uint8Array(rows * total).fill(1), [rows, total]),
      };
      names.forEach((name, index) => {
        const past = step.past[index];
        if (past !== undefined) feeds[name] = past;
      });
      if (crossInputs !== undefined) Object.assign(feeds, crossFeeds(crossInputs, kvType, step));
      if (optional.has('position_ids')) {
        feeds['position_ids'] = int64Tensor(step.positions, [rows, newTokens]);
      }
      if (optional.has('use_cache_branch')) {
        feeds['use_cache_branch'] = boolTensor(pastTokens > 0);
      }
      if (optional.has('num_logits_to_keep')) {
        feeds['num_logits_to_keep'] = int64Tensor([1], []);
      }
      const outputs =
        fetches === undefined
          ? await decoder.run(feeds, outputNames)
          : await decoder.run(feeds, fetches);
      const logits = floatOutput(outputs, 'logits').data;
      return {
        logits: logits instanceof Float32Array ? logits : halfToFloat(logits),
        present: names.map((name) => floatOutput(outputs, cacheName(name)).data),
      };
    },
  };
};

/** Feeds of the cross-attention layers; where nothing is seen, one media token of zeros that is masked. */
const crossFeeds = (
  { layout, names }: CrossInputs,
  type: FloatType,
  { rows, newTokens, sight }: DecoderStep,
): Feeds => {
  const { kvHeads, headSize } = layout;
  const tokens = sight?.tokens ?? 1;
  const shape = [rows, kvHeads, tokens, headSize];
  const mask = sight?.mask ?? new BigInt64Array(rows * newTokens);
  const feeds: Feeds = {
    cross_attention_mask: new OrtTensor('int64', mask, [rows, newTokens, tokens]),
  };
  names.forEach((name, index) => {
    const states = sight?.states[index] ?? emptyFloats(type, rows * kvHeads * headSize);
    feeds[name] = floatTensor(type, states, shape);
  });
  return feeds;
};

const inputType = (session: InferenceSession, name: string): FloatType | undefined => {
  const metadata = session.inputMetadata.find((each) => each.name === name);
  return metadata?.isTensor === true && (metadata.type === 'float32' || metadata.type === 'float16')
    ? metadata.type
    : undefined;
};

/** Checks the graph's cache inputs against the configuration and gives their number format. */
const checkedKvType = (
  session: InferenceSession,
  layout: KvLayout,
  names: readonly string[],
  prefix: string,
): FloatType => {
  const inGraph = session.inputNames.filter((name) => name.startsWith(prefix));
  if (inGraph.length !== names.length || names.some((name) => !inGraph.includes(name))) {
    throw new Fault(
      'unsupported',
      `The decoder graph has ${inGraph.length} inputs ${prefix}*; config.json, with ${layout.layers.length} such layers, asks for ${names.length}.`,
    );
  }
  for (const metadata of session.inputMetadata) {
    if (!metadata.isTensor || !names.includes(metadata.name)) continue;
    const [, heads, , size] = metadata.shape;
    const fits = (value: unknown, expected: number): boolean =>
      typeof value !== 'number' || value === expected;
    if (!fits(heads, layout.kvHeads) || !fits(size, layout.headSize)) {
      throw new Fault(
        'unsupported',
        `The decoder graph's ${metadata.name} has ${String(heads)} heads of ${String(size)}; config.json says ${layout.kvHeads} of ${layout.headSize}.`,
      );
    }
  }
  const type = inputType(session, names[0] ?? '');
  if (type === undefined) {
    throw new Fault(
      'unsupported',
      'The decoder graph keeps its KV cache in neither float32 nor float16.',
    );
  }
  return type;
};
