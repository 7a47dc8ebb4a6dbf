import { existsSync } from 'node:fs';
import { cp, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedModelDir } from '@isotherm/stack';
import { type AttentionKind, decoder } from './decoder.ts';
import { createGraphBuilder, type WeightKind } from './graph-builder.ts';
import { randomWeights } from './random-weights.ts';
import { imageTokens, type WeightyShape } from './shape.ts';
import { visionTower } from './vision-tower.ts';

/** Two model folders of one model; they differ in the decoder's operators and share all other files. */
export interface WeightyFolders {
  /** Attention in plain ONNX operators. */
  readonly plain: string;
  /** Attention in ONNX Runtime's GroupQueryAttention. */
  readonly grouped: string;
  readonly visionWeights: number;
  readonly decoderWeights: number;
}

const seeds = { vision: 0x5eed1, table: 0x5eed2, decoder: 0x5eed3 } as const;
const factsFile = 'weighty.json';
/** Special tokens and single bytes. Their rows are zero, so that none is ever the likeliest: answers end by length alone. */
const neverSaid = 272;

/** Takes the model from a folder, or writes it there; a half-written one is never seen. */
export const provideWeighty = async (
  root: string,
  shape: WeightyShape,
  say: (line: string) => void,
): Promise<WeightyFolders> => {
  const folders = { plain: join(root, 'plain/weighty'), grouped: join(root, 'grouped/weighty') };
  if (!existsSync(join(root, factsFile))) {
    say(`writing the weighty model to ${root}`);
    const making = `${root}.${process.pid}`;
    await rm(making, { recursive: true, force: true });
    try {
      await writeWeighty(making, shape, say);
      await rm(root, { recursive: true, force: true });
      await rename(making, root);
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  }
  const facts = JSON.parse(await readFile(join(root, factsFile), 'utf8')) as WeightCounts;
  return { ...folders, ...facts };
};

type WeightCounts = Pick<WeightyFolders, 'visionWeights' | 'decoderWeights'>;

const writeWeighty = async (
  root: string,
  shape: WeightyShape,
  say: (line: string) => void,
): Promise<void> => {
  const [plain, grouped] = [join(root, 'plain/weighty'), join(root, 'grouped/weighty')];
  await mkdir(join(plain, 'onnx'), { recursive: true });
  await mkdir(join(grouped, 'onnx'), { recursive: true });
  const write = (dir: string, name: string, kind: WeightKind, bytes: Uint8Array): Promise<void> =>
    writeFile(join(dir, 'onnx', `${name}${kind === 'int8' ? '_int8' : ''}.onnx`), bytes);
  const table = tableOf(shape);
  await write(plain, 'embed_tokens', 'fp32', embedTokens(shape, table));
  const counts = { visionWeights: 0, decoderWeights: 0 };
  for (const kind of ['fp32', 'int8'] as const) {
    say(`  ${kind}: vision`);
    const vision = visionTower(shape, kind, randomWeights(seeds.vision));
    counts.visionWeights = vision.weights;
    await write(plain, 'vision_encoder', kind, vision.bytes);
    for (const attention of ['plain', 'grouped'] as const satisfies readonly AttentionKind[]) {
      say(`  ${kind}: decoder, attention ${attention}`);
      const fill = randomWeights(seeds.decoder);
      const made = decoder({ shape, kind, attention, fill, table });
      counts.decoderWeights = made.weights;
      await write(
        attention === 'plain' ? plain : grouped,
        'decoder_model_merged',
        kind,
        made.bytes,
      );
    }
  }
  await writeConfigs(plain, shape);
  await writeConfigs(grouped, shape);
  // The table is looked up, not multiplied with: it is the same in both, under the two names that libraries ask for.
  await link(join(plain, 'onnx/embed_tokens.onnx'), join(plain, 'onnx/embed_tokens_int8.onnx'));
  for (const name of [
    'embed_tokens',
    'embed_tokens_int8',
    'vision_encoder',
    'vision_encoder_int8',
  ]) {
    await link(join(plain, 'onnx', `${name}.onnx`), join(grouped, 'onnx', `${name}.onnx`));
  }
  await writeFile(join(root, factsFile), JSON.stringify(counts));
};

const tableOf = ({ decoder: { hidden, vocabulary } }: WeightyShape): Float32Array =>
  randomWeights(seeds.table)(hidden, vocabulary).fill(0, 0, neverSaid * hidden);

const embedTokens = (
  { decoder: { hidden, vocabulary } }: WeightyShape,
  table: Float32Array,
): Uint8Array => {
  const graph = createGraphBuilder('fp32', randomWeights(1));
  graph.node('Gather', [graph.floats([vocabulary, hidden], table), 'input_ids'], {
    outputs: ['inputs_embeds'],
  });
  return graph.encode(
    'embed_tokens',
    [{ name: 'input_ids', type: 'int64', dims: ['rows', 'tokens'] }],
    [{ name: 'inputs_embeds', type: 'float', dims: ['rows', 'tokens', hidden] }],
  );
};

/** The shipped model's files, with this one's sizes and as many tokens as its vocabulary has. */
const writeConfigs = async (dir: string, shape: WeightyShape): Promise<void> => {
  const { vision, decoder: text } = shape;
  const patch_size = vision.patchPx * vision.shuffle;
  const size = { height: vision.imagePx, width: vision.imagePx };
  const sizes = {
    hidden_size: text.hidden,
    num_attention_heads: text.heads,
    num_key_value_heads: text.kvHeads,
    head_dim: text.headSize,
    num_hidden_layers: text.layers,
    intermediate_size: text.feedForward,
    vocab_size: text.vocabulary,
    max_position_embeddings: text.contextMax,
    rope_theta: text.ropeTheta,
  };
  await edit(dir, 'config.json', (config) => ({
    ...withoutOtherModalities(config),
    _name_or_path: 'weighty',
    image_seq_length: imageTokens(shape),
    vocab_size: text.vocabulary,
    max_position_embeddings: text.contextMax,
    text_config: { ...(config['text_config'] as object), ...sizes },
    vision_config: {
      model_type: 'siglip_vision_model',
      hidden_size: vision.hidden,
      num_attention_heads: vision.heads,
      num_hidden_layers: vision.layers,
      image_size: vision.imagePx,
      patch_size,
    },
  }));
  await edit(dir, 'preprocessor_config.json', (config) => ({ ...config, size, crop_size: size }));
  await edit(dir, 'processor_config.json', (config) => ({ ...config, patch_size }));
  await edit(dir, 'tokenizer_config.json', (config) => ({
    ...config,
    model_max_length: text.contextMax,
  }));
  await edit(dir, 'tokenizer.json', (tokenizer) => withVocabulary(tokenizer, text.vocabulary));
  await cp(join(shippedModelDir, 'generation_config.json'), join(dir, 'generation_config.json'));
};

type Json = Readonly<Record<string, unknown>>;

const edit = async (dir: string, file: string, change: (json: Json) => Json): Promise<void> => {
  const json = JSON.parse(await readFile(join(shippedModelDir, file), 'utf8')) as Json;
  await writeFile(join(dir, file), JSON.stringify(change(json), null, 1));
};

const withoutOtherModalities = (config: Json): Json =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !/^(audio|video)_/.test(key)));

/** Adds words that no merge makes: they can be said, and read, but not be asked for. */
const withVocabulary = (tokenizer: Json, size: number): Json => {
  const model = tokenizer['model'] as { readonly vocab: Readonly<Record<string, number>> };
  const taken = Object.keys(model.vocab).length;
  const words = Array.from({ length: size }, (_, id) => [`Ġw${id}`, id] as const);
  const known = new Set(Object.values(model.vocab));
  const added = Object.fromEntries(words.filter(([, id]) => id >= taken && !known.has(id)));
  return { ...tokenizer, model: { ...model, vocab: { ...model.vocab, ...added } } };
};
