// Runs the exported graphs with ONNX Runtime, one question at a time, greedily.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  embed,
  emptyPast,
  encode,
  greedy,
  HEAD_SIZE,
  int64,
  KV_HEADS,
  loadCommon,
  ones,
  opener,
  ort,
  pixelsOf,
  presentOf,
  range,
  render,
} from '../../panel/training/runtime.mjs';

const modelFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PICTURE = 3; // The id of its placeholder.

/** Sessions, tokenizer and processor of the model folder; `suffix` is '' or '_int8'. */
export async function load(suffix) {
  const vision = await opener(modelFolder, suffix)('vision_encoder');
  return { ...(await loadCommon(modelFolder, suffix)), vision };
}

/** What the cross layers see of a picture file: {name: tensor} and their length; of none, one token that is masked. */
export async function statesOf(model, file) {
  if (file) {
    const states = await model.vision.run({ pixel_values: await pixelsOf(model, file) });
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
  const tokens = encode(model, render(model, [{ role: 'user', content }]));
  // A token sees the picture from its placeholder on.
  const from = pictured ? tokens.indexOf(PICTURE) : Number.POSITIVE_INFINITY;
  let past = emptyPast(model);
  return greedy(model, await embed(model, tokens), async (embeds, position) => {
    const fresh = embeds.dims[1];
    const mask = range(fresh, position).flatMap((at) => new Array(length).fill(at < from ? 0 : 1));
    const outputs = await model.decoder.run({
      inputs_embeds: embeds,
      attention_mask: int64(ones(position + fresh), [1, position + fresh]),
      position_ids: int64(range(fresh, position), [1, fresh]),
      cross_attention_mask: int64(mask, [1, fresh, length]),
      ...past,
      ...states,
    });
    past = presentOf(past, outputs);
    return outputs.logits;
  });
}
