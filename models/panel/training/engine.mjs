// Runs the exported graphs with ONNX Runtime, one conversation at a time, greedily.
// Media are {modality, values}; the values are what an encoder reads.
//
// Packages are looked up from the folder in ISOTHERM_NODE (default: build/node of the model
// folder), where `make node` installs them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const modelFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const nodeFolder = process.env.ISOTHERM_NODE ?? path.join(modelFolder, 'build', 'node');
const require = createRequire(path.join(nodeFolder, 'package.json'));
const ort = require('onnxruntime-node');
const {
  AutoTokenizer,
  AutoProcessor,
  RawImage,
  WhisperFeatureExtractor,
  env,
} = require('@huggingface/transformers');

/** Of each modality its placeholder, tokens, graph, and the graph's input and output. */
export const MODALITIES = {
  image: {
    token: '<image>',
    id: 3,
    tokens: 36,
    graph: 'vision_encoder',
    input: 'pixel_values',
    output: 'image_features',
  },
  audio: {
    token: '<audio>',
    id: 4,
    tokens: 25,
    graph: 'audio_encoder',
    input: 'audio_values',
    output: 'audio_features',
  },
  video: {
    token: '<video>',
    id: 5,
    tokens: 36,
    graph: 'video_encoder',
    input: 'pixel_values_videos',
    output: 'video_features',
  },
};
const FRAMES = 4;
const LAYERS = 4;
const KV_HEADS = 2;
const HEAD_SIZE = 32;
const END = 2;
const NEW_TOKENS_MAX = 80;

const int64 = (values, dims) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const range = (count, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** Sessions, tokenizer and processor of the model folder; `suffix` is '' or '_int8'. */
export async function load(suffix) {
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(modelFolder);
  const name = path.basename(modelFolder);
  const session = (graph) =>
    ort.InferenceSession.create(path.join(modelFolder, 'onnx', `${graph}${suffix}.onnx`), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  const encoders = {};
  for (const [modality, { graph }] of Object.entries(MODALITIES)) {
    encoders[modality] = await session(graph);
  }
  const preprocessor = readFileSync(path.join(modelFolder, 'preprocessor_config.json'), 'utf8');
  return {
    encoders,
    extractor: new WhisperFeatureExtractor(JSON.parse(preprocessor)),
    embed: await session('embed_tokens'),
    decoder: await session('decoder_model_merged'),
    tokenizer: await AutoTokenizer.from_pretrained(name),
    processor: await AutoProcessor.from_pretrained(name),
  };
}

/** A picture file as the processor's pixel_values. */
export async function pixelsOf(model, file) {
  const image = await RawImage.read(file);
  const { pixel_values: pixels } = await model.processor.image_processor(image);
  return new ort.Tensor('float32', Float32Array.from(pixels.data), pixels.dims);
}

/** Samples of a WAV file of 16-bit mono at 16 kHz. */
function samplesOf(file) {
  const bytes = readFileSync(file);
  const body = bytes.subarray(bytes.indexOf('data') + 8);
  return Float32Array.from(
    { length: body.length / 2 },
    (_, at) => body.readInt16LE(2 * at) / 32767,
  );
}

/** What a record of generate.py names ({kind, file} or {kind, frames}) as an encoder's input. */
export async function mediumOf(model, folder, { kind, file, frames }) {
  if (kind === 'image') {
    return { modality: kind, values: await pixelsOf(model, path.join(folder, file)) };
  }
  if (kind === 'audio') {
    const { input_features: mel } = await model.extractor(samplesOf(path.join(folder, file)));
    return { modality: kind, values: new ort.Tensor('float32', mel.data, [1, 80, 200]) };
  }
  const data = new Float32Array(FRAMES * 3 * 96 * 96);
  for (const index of range(FRAMES)) {
    const chosen = frames[Math.round((index * (frames.length - 1)) / (FRAMES - 1))];
    data.set((await pixelsOf(model, path.join(folder, chosen))).data, index * 3 * 96 * 96);
  }
  return { modality: kind, values: new ort.Tensor('float32', data, [1, FRAMES, 3, 96, 96]) };
}

/** Token ids of a conversation (OpenAI-style messages), media expanded. */
export function tokensOf(model, messages) {
  const text = model.tokenizer.apply_chat_template(messages, {
    tokenize: false,
    add_generation_prompt: true,
  });
  let expanded = text;
  for (const { token, tokens } of Object.values(MODALITIES)) {
    expanded = expanded.replaceAll(token, token.repeat(tokens));
  }
  return model.tokenizer.encode(expanded, { add_special_tokens: false });
}

/** A tensor of the cache, followed by `gap` positions of noise that the mask must hide. */
function spread(tensor, gap) {
  const [, heads, length, size] = tensor.dims;
  const wide = length + gap;
  const data = new Float32Array(heads * wide * size).map(() => Math.random() * 8 - 4);
  for (let head = 0; head < heads; head += 1) {
    const from = head * length * size;
    data.set(tensor.data.subarray(from, from + length * size), head * wide * size);
  }
  return new ort.Tensor('float32', data, [1, heads, wide, size]);
}

/** Answers one conversation; `holes` leaves masked noise in the cache after every step. */
export async function answer(model, messages, media, { holes = false } = {}) {
  const tokens = tokensOf(model, messages);
  let embeds = (await model.embed.run({ input_ids: int64(tokens, [1, tokens.length]) }))
    .inputs_embeds;
  for (const { modality, values } of media) {
    const { input, output, id } = MODALITIES[modality];
    const made = await model.encoders[modality].run({ [input]: values });
    embeds.data.set(made[output].data, tokens.indexOf(id) * embeds.dims[2]);
  }
  let past = {};
  for (const layer of range(LAYERS)) {
    for (const kind of ['key', 'value']) {
      const empty = new ort.Tensor('float32', new Float32Array(0), [1, KV_HEADS, 0, HEAD_SIZE]);
      past[`past_key_values.${layer}.${kind}`] = empty;
    }
  }
  let mask = [];
  let position = 0;
  const made = [];
  while (made.length < NEW_TOKENS_MAX) {
    const fresh = embeds.dims[1];
    mask = [...mask, ...range(fresh).map(() => 1)];
    const outputs = await model.decoder.run({
      inputs_embeds: embeds,
      attention_mask: int64(mask, [1, mask.length]),
      position_ids: int64(range(fresh, position), [1, fresh]),
      ...past,
    });
    position += fresh;
    const entries = outputs.logits.dims[2];
    const last = outputs.logits.data.subarray((fresh - 1) * entries);
    const next = last.reduce((best, value, index) => (value > last[best] ? index : best), 0);
    if (next === END) break;
    made.push(next);
    const gap = holes ? 1 + (position % 3) : 0;
    past = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name === 'logits') continue;
      past[name.replace('present', 'past_key_values')] = gap ? spread(tensor, gap) : tensor;
    }
    mask = [...mask, ...range(gap).map(() => 0)];
    embeds = (await model.embed.run({ input_ids: int64([next], [1, 1]) })).inputs_embeds;
  }
  return model.tokenizer.decode(made, { skip_special_tokens: true });
}
