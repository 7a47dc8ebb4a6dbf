// What running a model folder's graphs takes whatever its architecture: panel's and panel-x's.
//
// Packages are looked up from the folder in ISOTHERM_NODE (default: build/node of panel, where its
// `make node` installs them, else packages/engine).

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const panel = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const installed = path.join(panel, 'build', 'node');
const nodeFolder =
  process.env.ISOTHERM_NODE ??
  (existsSync(installed) ? installed : path.join(panel, '..', '..', 'packages', 'engine'));
const require = createRequire(path.join(nodeFolder, 'package.json'));
export const ort = require('onnxruntime-node');
export const transformers = require('@huggingface/transformers');

export const KV_HEADS = 2;
export const HEAD_SIZE = 32;
const END = 2;
const NEW_TOKENS_MAX = 80;

export const int64 = (values, dims) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
export const range = (count, from = 0) => Array.from({ length: count }, (_, index) => from + index);
export const ones = (count) => new Array(count).fill(1);

/** Opens graphs of a model folder; `suffix` is '' or '_int8'. */
export const opener = (modelFolder, suffix) => (graph) =>
  ort.InferenceSession.create(path.join(modelFolder, 'onnx', `${graph}${suffix}.onnx`), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });

/** Sessions, tokenizer and processor that every model folder has. */
export async function loadCommon(modelFolder, suffix) {
  const { AutoProcessor, AutoTokenizer, env } = transformers;
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(modelFolder);
  const name = path.basename(modelFolder);
  const open = opener(modelFolder, suffix);
  return {
    embed: await open('embed_tokens'),
    decoder: await open('decoder_model_merged'),
    tokenizer: await AutoTokenizer.from_pretrained(name),
    processor: await AutoProcessor.from_pretrained(name),
  };
}

/** A picture file as the processor's pixel_values. */
export async function pixelsOf(model, file) {
  const image = await transformers.RawImage.read(file);
  const { pixel_values: pixels } = await model.processor.image_processor(image);
  return new ort.Tensor('float32', Float32Array.from(pixels.data), pixels.dims);
}

/** A conversation (OpenAI-style messages) as the text of a prompt. */
export const render = (model, messages) =>
  model.tokenizer.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true });

/** Token ids of a prompt's text. */
export const encode = (model, text) => model.tokenizer.encode(text, { add_special_tokens: false });

/** Embeddings [1, tokens, width]. */
export async function embed(model, tokens) {
  const outputs = await model.embed.run({ input_ids: int64(tokens, [1, tokens.length]) });
  return outputs.inputs_embeds;
}

/** The cache before the first token: {past_key_values.*: tensor}. */
export function emptyPast(model) {
  const names = model.decoder.inputNames.filter((name) => name.startsWith('past_key_values'));
  const empty = () => new ort.Tensor('float32', new Float32Array(0), [1, KV_HEADS, 0, HEAD_SIZE]);
  return Object.fromEntries(names.map((name) => [name, empty()]));
}

/** The cache after a run, under the names that the next one takes it by. */
export const presentOf = (past, outputs) =>
  Object.fromEntries(
    Object.keys(past).map((name) => [name, outputs[name.replace('past_key_values', 'present')]]),
  );

/**
 * The text of a greedy answer to a prompt's embeddings. `step(embeds, position)` runs the decoder on
 * embeddings that follow the first `position` ones, keeps what it needs for the next, and gives logits.
 */
export async function greedy(model, prompt, step) {
  let embeds = prompt;
  let position = 0;
  const made = [];
  while (made.length < NEW_TOKENS_MAX) {
    const count = embeds.dims[1];
    const logits = await step(embeds, position);
    position += count;
    const last = logits.data.subarray((count - 1) * logits.dims[2]);
    const next = last.reduce((best, value, index) => (value > last[best] ? index : best), 0);
    if (next === END) break;
    made.push(next);
    embeds = await embed(model, [next]);
  }
  return model.tokenizer.decode(made, { skip_special_tokens: true });
}
