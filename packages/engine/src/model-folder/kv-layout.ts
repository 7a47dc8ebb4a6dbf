import { Fault } from '@isotherm/kernel';
import { type JsonRecord, numberIn, requiredCount, stringIn } from './json-file.ts';

/** Shape of keys and values: for each layer one key and one value of [kvHeads, tokens, headSize]. */
export interface KvLayout {
  /** The layers that have them, by their number in the model. */
  readonly layers: readonly number[];
  readonly kvHeads: number;
  readonly headSize: number;
}

/**
 * Published LLaVA configs leave out what equals the default of the text model's class; these are the defaults of
 * those classes as `transformers` documents them.
 */
const classDefaults: Readonly<Record<string, JsonRecord>> = {
  llama: { hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, vocab_size: 32000 },
  mistral: {
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    vocab_size: 32000,
  },
};

/** The text model's configuration with the defaults of its class filled in. */
export const withClassDefaults = (text: JsonRecord): JsonRecord => ({
  ...classDefaults[stringIn(text, 'model_type') ?? ''],
  ...text,
});

/** Layers that see media instead of the text before them: `cross_attention_layers`, none if not given. */
const crossLayersOf = (text: JsonRecord, layers: number): readonly number[] => {
  const stated = text['cross_attention_layers'] ?? [];
  const numbers: readonly unknown[] = Array.isArray(stated) ? stated : [undefined];
  return numbers.map((layer) => {
    if (typeof layer === 'number' && Number.isInteger(layer) && layer >= 0 && layer < layers) {
      return layer;
    }
    throw new Fault(
      'unsupported',
      `config.json must give text_config.cross_attention_layers as numbers of its ${layers} layers.`,
    );
  });
};

export interface DecoderLayouts {
  /** Keys and values of the text so far, which grow with it: the KV cache. */
  readonly self: KvLayout;
  /** Keys and values of media, which stay as the encoder made them; undefined without cross-attention. */
  readonly cross: KvLayout | undefined;
}

/** Layouts from a text configuration; without `num_key_value_heads` every attention head has its own. */
export const kvLayoutsOf = (text: JsonRecord): DecoderLayouts => {
  const heads = requiredCount(
    numberIn(text, 'num_attention_heads'),
    'text_config.num_attention_heads',
  );
  const hiddenSize = requiredCount(numberIn(text, 'hidden_size'), 'text_config.hidden_size');
  const count = requiredCount(numberIn(text, 'num_hidden_layers'), 'text_config.num_hidden_layers');
  const cross = crossLayersOf(text, count);
  const all = Array.from({ length: count }, (_, layer) => layer);
  const shape = {
    kvHeads: numberIn(text, 'num_key_value_heads') ?? heads,
    headSize: numberIn(text, 'head_dim') ?? Math.floor(hiddenSize / heads),
  };
  return {
    self: { layers: all.filter((layer) => !cross.includes(layer)), ...shape },
    cross: cross.length === 0 ? undefined : { layers: cross, ...shape },
  };
};

/** Values of one token: its keys and values in all layers. */
export const valuesPerToken = ({ layers, kvHeads, headSize }: KvLayout): number =>
  2 * layers.length * kvHeads * headSize;

/** Tensor names in the order in which tensors are passed on: key and value of one layer, of the next, and so on. */
const namesOf = (prefix: string, { layers }: KvLayout): readonly string[] =>
  layers.flatMap((layer) => [`${prefix}.${layer}.key`, `${prefix}.${layer}.value`]);

export const kvNames = (layout: KvLayout): readonly string[] => namesOf('past_key_values', layout);

export const crossNames = (layout: KvLayout): readonly string[] =>
  namesOf('cross_key_values', layout);

/** Name of the graph's output that belongs to a `past_key_values` input. */
export const presentName = (pastName: string): string =>
  pastName.replace('past_key_values', 'present');

/** Name of the output that has only the new tokens of a `past_key_values` input. */
export const newKvName = (pastName: string): string =>
  pastName.replace('past_key_values', 'new_key_values');
