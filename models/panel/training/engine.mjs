// Runs the exported graphs with ONNX Runtime, one conversation at a time, greedily.
// Media are {modality, values}; the values are what an encoder reads.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  embed,
  emptyPast,
  encode,
  greedy,
  int64,
  loadCommon,
  ones,
  opener,
  ort,
  pixelsOf,
  presentOf,
  range,
  render,
  transformers,
} from './runtime.mjs';

const modelFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

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

/** Sessions, tokenizer and processors of the model folder; `suffix` is '' or '_int8'. */
export async function load(suffix) {
  const open = opener(modelFolder, suffix);
  const encoders = {};
  for (const [modality, { graph }] of Object.entries(MODALITIES)) {
    encoders[modality] = await open(graph);
  }
  const preprocessor = readFileSync(path.join(modelFolder, 'preprocessor_config.json'), 'utf8');
  return {
    ...(await loadCommon(modelFolder, suffix)),
    encoders,
    extractor: new transformers.WhisperFeatureExtractor(JSON.parse(preprocessor)),
  };
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
function tokensOf(model, messages) {
  let expanded = render(model, messages);
  for (const { token, tokens } of Object.values(MODALITIES)) {
    expanded = expanded.replaceAll(token, token.repeat(tokens));
  }
  return encode(model, expanded);
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
  const prompt = await embed(model, tokens);
  for (const { modality, values } of media) {
    const { input, output, id } = MODALITIES[modality];
    const made = await model.encoders[modality].run({ [input]: values });
    prompt.data.set(made[output].data, tokens.indexOf(id) * prompt.dims[2]);
  }
  let past = emptyPast(model);
  let mask = [];
  return greedy(model, prompt, async (embeds, position) => {
    const fresh = embeds.dims[1];
    mask = [...mask, ...ones(fresh)];
    const outputs = await model.decoder.run({
      inputs_embeds: embeds,
      attention_mask: int64(mask, [1, mask.length]),
      position_ids: int64(range(fresh, position), [1, fresh]),
      ...past,
    });
    past = presentOf(past, outputs);
    if (holes) {
      const gap = 1 + ((position + fresh) % 3);
      const widened = Object.entries(past).map(([name, tensor]) => [name, spread(tensor, gap)]);
      past = Object.fromEntries(widened);
      mask = [...mask, ...range(gap).map(() => 0)];
    }
    return outputs.logits;
  });
}
