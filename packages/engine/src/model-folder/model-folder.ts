import { basename, resolve } from 'node:path';
import { Fault } from '@isotherm/kernel';
import type { Modality, ModelFacts } from '../contract.ts';
import type { Architecture, ImageRule, MediaRule, ModelConfigs } from './architecture.ts';
import { architectureOf } from './architectures.ts';
import { type AudioInput, expandAudio, readAudioInput } from './audio-input.ts';
import {
  type JsonRecord,
  numberIn,
  readJson,
  readOptionalJson,
  recordIn,
  requiredCount,
  stringIn,
} from './json-file.ts';
import {
  type DecoderLayouts,
  kvLayoutsOf,
  valuesPerToken,
  withClassDefaults,
} from './kv-layout.ts';
import type { Precision } from './precision.ts';
import { readVideoInput, type VideoInput } from './video-input.ts';

/** A model folder in the layout of Hugging Face exports for transformers.js, read and checked; no graph is loaded. */
export interface ModelFolder {
  /** Absolute path. */
  readonly dir: string;
  readonly architecture: Architecture;
  readonly configs: ModelConfigs;
  readonly layouts: DecoderLayouts;
  /**
   * For each modality that the model takes, the token that stands for one row of an embedding, or for the whole medium
   * where cross-attention sees it.
   */
  readonly placeholderIds: Readonly<Partial<Record<Modality, number>>>;
  readonly mediaRule: MediaRule;
  /** Undefined for a model without sound. */
  readonly audio: AudioInput | undefined;
  /** Undefined for a model without clips. */
  readonly video: VideoInput | undefined;
  /** Facts for one precision: the width of the KV cache follows from it. */
  readonly facts: (precision: Precision) => ModelFacts;
}

/** Reads a model folder. Faults: `unsupported` with what is missing, wrong or not served. */
export const readModelFolder = async (path: string): Promise<ModelFolder> => {
  const dir = resolve(path);
  const [config, preprocessor, processor, generation] = await Promise.all([
    readJson(dir, 'config.json'),
    readJson(dir, 'preprocessor_config.json'),
    readOptionalJson(dir, 'processor_config.json'),
    readOptionalJson(dir, 'generation_config.json'),
  ]);
  const architecture = architectureOf(stringIn(config, 'model_type'));
  const configs: ModelConfigs = { config, preprocessor, processor: processor ?? {} };
  const audio = readAudioInput(configs);
  const video = readVideoInput(configs);
  const placeholderIds = {
    image: imageToken(config),
    ...(audio !== undefined && { audio: audio.placeholderId }),
    ...(video !== undefined && { video: video.placeholderId }),
  };
  const text = withClassDefaults(recordIn(config, 'text_config'));
  const layouts = kvLayoutsOf(text);
  const endOfTextTokens = endTokens(generation ?? {}, config, text);
  const numbers = {
    hiddenSize: requiredCount(numberIn(text, 'hidden_size'), 'text_config.hidden_size'),
    vocabularySize: requiredCount(numberIn(text, 'vocab_size'), 'text_config.vocab_size'),
    contextMax: requiredCount(
      numberIn(text, 'max_position_embeddings'),
      'text_config.max_position_embeddings',
    ),
  };
  return {
    dir,
    architecture,
    configs,
    layouts,
    audio,
    video,
    placeholderIds,
    mediaRule: mediaRule(modelName(config, dir), architecture.imageRule(configs), audio, video),
    facts: (precision) => ({
      name: modelName(config, dir),
      architecture: architecture.kind,
      ...numbers,
      endOfTextTokens,
      kvBytesPerToken: valuesPerToken(layouts.self) * kvBytesPerValue(config, precision),
      crossKvBytesPerToken:
        layouts.cross === undefined
          ? 0
          : valuesPerToken(layouts.cross) * kvBytesPerValue(config, precision),
      modalities: takenBy(audio, video),
      placeholders: Object.values(placeholderIds),
    }),
  };
};

const takenBy = (
  audio: AudioInput | undefined,
  video: VideoInput | undefined,
): readonly Modality[] => [
  'image',
  ...(audio === undefined ? [] : (['audio'] as const)),
  ...(video === undefined ? [] : (['video'] as const)),
];

/** Refuses by name what the model was not made for. */
const mediaRule =
  (
    model: string,
    imageRule: ImageRule,
    audio: AudioInput | undefined,
    video: VideoInput | undefined,
  ): MediaRule =>
  (part, placeholder) => {
    if (part.kind === 'image') return imageRule(part, placeholder);
    if (part.kind === 'audio' && audio !== undefined) return expandAudio(part, placeholder, audio);
    if (part.kind === 'video' && video !== undefined) {
      return { text: placeholder.repeat(video.tokens), tokens: video.tokens };
    }
    const taken = takenBy(audio, video).join(' and ');
    throw new Fault('unsupported', `The model "${model}" takes ${taken} only, not ${part.kind}.`);
  };

/** `_name_or_path` where it is a name; training runs also leave local paths there, which say nothing to a client. */
const modelName = (config: JsonRecord, dir: string): string => {
  const stated = stringIn(config, '_name_or_path') ?? '';
  return /^[\w.-]+(\/[\w.-]+)?$/.test(stated) && !/^\.{1,2}(\/|$)/.test(stated)
    ? stated
    : basename(dir);
};

const imageToken = (config: JsonRecord): number => {
  const id = numberIn(config, 'image_token_index') ?? numberIn(config, 'image_token_id');
  if (id === undefined) {
    throw new Fault(
      'unsupported',
      'config.json must give the image placeholder as image_token_index or image_token_id.',
    );
  }
  return id;
};

/** End marks: the first of the three configurations that names any decides, as in generation with transformers. */
const endTokens = (...configs: readonly JsonRecord[]): readonly number[] => {
  for (const config of configs) {
    const value = config['eos_token_id'];
    const ids = (Array.isArray(value) ? value : [value]).filter(
      (each): each is number => typeof each === 'number',
    );
    if (ids.length > 0) return ids;
  }
  throw new Fault(
    'unsupported',
    'No eos_token_id in generation_config.json or config.json: an answer would never end.',
  );
};

/** Exports with a narrow KV cache say so in `transformers.js_config.kv_cache_dtype`, by precision. */
const kvBytesPerValue = (config: JsonRecord, precision: Precision): number => {
  const options = recordIn(config, 'transformers.js_config');
  const dataType =
    stringIn(options, 'kv_cache_dtype') ?? stringIn(recordIn(options, 'kv_cache_dtype'), precision);
  return dataType === 'float16' ? 2 : 4;
};
