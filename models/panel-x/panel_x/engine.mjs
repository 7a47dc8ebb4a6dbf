// Runs the exported graphs with ONNX Runtime, one question at a time, greedily.
//
// Packages are looked up from the folder in ISOTHERM_NODE (default: packages/engine).

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const modelFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const nodeFolder =
  process.env.ISOTHERM_NODE ?? path.join(modelFolder, '..', '..', 'packages', 'engine');
const require = createRequire(path.join(nodeFolder, 'package.json'));
const ort = require('onnxruntime-node');
const { AutoProcessor, AutoTokenizer, RawImage, env } = require('@huggingface/transformers');

const KV_HEADS = 2;
const HEAD_SIZE = 32;
const END = 2;
const NEW_TOKENS_MAX = 80;

const int64 = (values, dims) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const range = (count, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const ones = (count) => new Array(count).fill(1);

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
  return {
    vision: await session('vision_encoder'),
    embed: await session('embed_tokens'),
    decoder: await session('decoder_model_merged'),
    tokenizer: await AutoTokenizer.from_pretrained(name),
    processor: await AutoProcessor.from_pretrained(name),
  };
}

/** What the cross layers see of a picture file: {name: tensor} and their length; of none, one token that is masked. */
export async function statesOf(model, file) {
  if (file) {
    const image = await RawImage.read(file);
    const { pixel_values: pixels } = await model.processor.image_processor(image);
    const given = new ort.Tensor('float32', Float32Array.from(pixels.data), pixels.dims);
    const states = await model.vision.run({ pixel_values: given });
    return { states, length: Object.values(states)[0].dims[2], pictured: true };
  }
  const names = model.decoder.inputNames.filter((name) => name.startsWith('cross_key_values'));
  const shape = [1, KV_HEADS, 1, HEAD_SIZE];
  const nothing = () => new ort.Tensor('float32', new Float32Array(KV_HEADS * HEAD_SIZE), shape);
  const states = Object.fromEntries(names.map((name) => [name, nothing()]));
  return { states, length: 1, pictured: false };
}

/** Answers one question, about a picture if `seen` holds one. */
export async function answer(model, question, seen) {
  const { states, length, pictured } = seen;
  const text = { type: 'text', text: question };
  const content = pictured ? [{ type: 'image' }, text] : question;
  const rendered = model.tokenizer.apply_chat_template([{ role: 'user', content }], {
    tokenize: false,
    add_generation_prompt: true,
  });
  const tokens = model.tokenizer.encode(rendered, { add_special_tokens: false });
  // A token sees the picture from its placeholder on.
  const placeholder = tokens.indexOf(3);
  let mask = tokens.flatMap((_, index) =>
    range(length).map(() => (placeholder >= 0 && index >= placeholder ? 1 : 0)),
  );
  const pasts = model.decoder.inputNames.filter((name) => name.startsWith('past_key_values'));
  let past = Object.fromEntries(
    pasts.map((name) => [
      name,
      new ort.Tensor('float32', new Float32Array(0), [1, KV_HEADS, 0, HEAD_SIZE]),
    ]),
  );
  let fresh = tokens;
  let position = 0;
  const made = [];
  while (made.length < NEW_TOKENS_MAX) {
    const count = fresh.length;
    const { inputs_embeds: embeds } = await model.embed.run({
      input_ids: int64(fresh, [1, count]),
    });
    const outputs = await model.decoder.run({
      inputs_embeds: embeds,
      attention_mask: int64(ones(position + count), [1, position + count]),
      position_ids: int64(range(count, position), [1, count]),
      cross_attention_mask: int64(mask, [1, count, length]),
      ...past,
      ...states,
    });
    position += count;
    const entries = outputs.logits.dims[2];
    const last = outputs.logits.data.subarray((count - 1) * entries);
    const next = last.reduce((best, value, index) => (value > last[best] ? index : best), 0);
    if (next === END) break;
    made.push(next);
    past = Object.fromEntries(
      pasts.map((name) => [name, outputs[name.replace('past_key_values', 'present')]]),
    );
    mask = range(length).map(() => (pictured ? 1 : 0));
    fresh = [next];
  }
  return model.tokenizer.decode(made, { skip_special_tokens: true });
}
