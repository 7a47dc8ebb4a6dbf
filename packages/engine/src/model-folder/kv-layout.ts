import { type JsonRecord, numberIn, requiredCount, stringIn } from './json-file.ts';

/** Shape of a decoder's key/value cache: for each layer one key and one value of [kvHeads, tokens, headSize]. */
export interface KvLayout {
  readonly layers: number;
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

/** KV layout from a text configuration; without `num_key_value_heads` every attention head has its own. */
export const kvLayoutOf = (text: JsonRecord): KvLayout => {
  const heads = requiredCount(
    numberIn(text, 'num_attention_heads'),
    'text_config.num_attention_heads',
  );
  const hiddenSize = requiredCount(numberIn(text, 'hidden_size'), 'text_config.hidden_size');
  return {
    layers: requiredCount(numberIn(text, 'num_hidden_layers'), 'text_config.num_hidden_layers'),
    kvHeads: numberIn(text, 'num_key_value_heads') ?? heads,
    headSize: numberIn(text, 'head_dim') ?? Math.floor(hiddenSize / heads),
  };
};

/** Tensor names in the order in which a cache is passed on: key and value of layer 0, of layer 1, and so on. */
export const kvNames = (layout: KvLayout): readonly string[] =>
  Array.from({ length: layout.layers }, (_, layer) => [
    `past_key_values.${layer}.key`,
    `past_key_values.${layer}.value`,
  ]).flat();

/** Name of the graph's output that belongs to a `past_key_values` input. */
export const presentName = (pastName: string): string =>
  pastName.replace('past_key_values', 'present');
