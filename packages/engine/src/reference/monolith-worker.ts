import { invariant } from '@isotherm/kernel';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { PromptMessage, TextModel, TokenLogprobs } from '../contract.ts';
import { decodeImage } from '../media/decode-image.ts';
import { type ImageProcessor, loadImageProcessor } from '../media/image-processor.ts';
import { inspectImage } from '../media/inspect-image.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import { type Graph, graphFile, type Precision } from '../model-folder/precision.ts';
import { createTokenChooser } from '../sampling/token-chooser.ts';
import { historyOf } from '../sampling/token-history.ts';
import { loadTextModel } from '../text/text-model.ts';
import { type PictureStates, plainCrossFeeds } from './plain-cross-attention.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import type {
  AnswerOptions,
  MonolithAnswer,
  MonolithCalls,
  MonolithMessage,
} from './monolith-calls.ts';

// Worker thread: a model from picture to text, as plainly as it can be written. For fp32 tensors.

interface Loaded {
  readonly folder: ModelFolder;
  readonly text: TextModel;
  readonly processor: ImageProcessor;
  readonly vision: InferenceSession;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
}

const load = async (modelDir: string, precision: Precision): Promise<Loaded> => {
  const folder = await readModelFolder(modelDir);
  const session = async (graph: Graph): Promise<InferenceSession> =>
    InferenceSession.create(await graphFile(folder.dir, graph, precision), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  return {
    folder,
    text: await loadTextModel(modelDir, { precision }),
    processor: await loadImageProcessor(modelDir),
    vision: await session('vision_encoder'),
    embed: await session('embed_tokens'),
    decoder: await session('decoder_model_merged'),
  };
};

const answer = async (
  model: Loaded,
  messages: readonly MonolithMessage[],
  { tokensMax, sampling }: AnswerOptions,
): Promise<MonolithAnswer> => {
  const files = messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.kind === 'image' ? [part.bytes] : [])),
  );
  const { tokenIds } = model.text.prompt(await Promise.all(messages.map(withSizes)));
  const encoded: PictureStates[] = [];
  for (const file of files) encoded.push(await encodeImage(model, file));

  const end = model.text.facts.endOfTextTokens;
  const detokenizer = model.text.detokenizer();
  const placeholders = Object.values(model.folder.placeholderIds);
  const history = historyOf(tokenIds, 0, (token) => placeholders.includes(token));
  const chooser = createTokenChooser({ sampling, history, generated: 0 });
  const tokens: number[] = [];
  const logprobs: TokenLogprobs[] = [];
  let text = '';
  let past = emptyPast(model);
  let length = 0;
  let embeds = await embed(model, tokenIds);
  const { cross } = model.folder.layouts;
  const seen =
    cross && plainCrossFeeds(cross, encoded, tokenIds, model.folder.placeholderIds.image);
  if (seen === undefined) placeFeatures(embeds, tokenIds, encoded.map(imageFeatures), model);
  while (tokens.length < tokensMax) {
    const { logits, present } = await forward(
      model,
      embeds,
      past,
      length,
      tokens.length === 0 ? seen?.prompt : seen?.next,
    );
    length += embeds.dims[1] ?? 0;
    past = present;
    const { token, logprobs: own } = chooser.choose(logits, tokens.length);
    tokens.push(token);
    if (own !== undefined) logprobs.push(own);
    if (end.includes(token)) break;
    text += detokenizer.push(token);
    embeds = await embed(model, [token]);
  }
  return { text: text + detokenizer.end(), tokens, logprobs };
};

const withSizes = async (message: MonolithMessage): Promise<PromptMessage> => ({
  role: message.role,
  parts: await Promise.all(
    message.parts.map(async (part) =>
      part.kind === 'text' ? part : { kind: 'image' as const, ...(await inspectImage(part.bytes)) },
    ),
  ),
});

/** All that the vision graph makes of a picture. */
const encodeImage = async (model: Loaded, file: Uint8Array): Promise<PictureStates> => {
  const { data, shape } = await model.processor(await decodeImage(file));
  const tiled = model.folder.architecture.visionLayout === 'tiles';
  const feeds: Record<string, Tensor> = {
    pixel_values: new Tensor('float32', data, tiled ? [1, ...shape] : shape),
  };
  const [tiles = 0, , height = 0, width = 0] = shape;
  if (model.vision.inputNames.includes('pixel_attention_mask')) {
    const mask = new Uint8Array(tiles * height * width).fill(1);
    feeds['pixel_attention_mask'] = new Tensor('bool', mask, [1, tiles, height, width]);
  }
  return model.vision.run(feeds);
};

const imageFeatures = (outputs: PictureStates): Float32Array =>
  floats(outputs['image_features'] ?? Object.values(outputs)[0]);

const floats = (tensor: Tensor | undefined): Float32Array => {
  invariant(tensor?.data instanceof Float32Array, 'the reference runs float32 tensors only');
  return tensor.data;
};

const int64 = (values: readonly number[], dims: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);

const embed = async (model: Loaded, tokens: Iterable<number>): Promise<Tensor> => {
  const ids = [...tokens];
  const outputs = await model.embed.run({ input_ids: int64(ids, [1, ids.length]) });
  const tensor = outputs['inputs_embeds'];
  invariant(tensor !== undefined, 'embed_tokens gives inputs_embeds');
  return tensor;
};

const placeFeatures = (
  embeds: Tensor,
  tokenIds: Int32Array,
  features: readonly Float32Array[],
  model: Loaded,
): void => {
  const { hiddenSize } = model.text.facts;
  const placeholders = Object.values(model.folder.placeholderIds);
  const rows = features.flatMap((data) =>
    Array.from({ length: data.length / hiddenSize }, (_, row) =>
      data.subarray(row * hiddenSize, (row + 1) * hiddenSize),
    ),
  );
  tokenIds.forEach((token, position) => {
    if (!placeholders.includes(token)) return;
    const row = rows.shift();
    invariant(row !== undefined, 'there are as many rows as placeholders');
    floats(embeds).set(row, position * hiddenSize);
  });
  invariant(rows.length === 0, 'there are as many placeholders as rows');
};

type Past = Readonly<Record<string, Tensor>>;

const emptyPast = ({ folder }: Loaded): Past => {
  const { layers, kvHeads, headSize } = folder.layouts.self;
  const past: Record<string, Tensor> = {};
  for (const layer of layers) {
    for (const part of ['key', 'value']) {
      past[`past_key_values.${layer}.${part}`] = new Tensor('float32', new Float32Array(0), [
        1,
        kvHeads,
        0,
        headSize,
      ]);
    }
  }
  return past;
};

const forward = async (
  { decoder, text }: Loaded,
  embeds: Tensor,
  past: Past,
  length: number,
  seen: Past = {},
): Promise<{ readonly logits: Float32Array; readonly present: Past }> => {
  const tokens = embeds.dims[1] ?? 0;
  const total = length + tokens;
  const feeds: Record<string, Tensor> = {
    ...past,
    ...seen,
    inputs_embeds: embeds,
    attention_mask: int64(new Array<number>(total).fill(1), [1, total]),
  };
  if (decoder.inputNames.includes('position_ids')) {
    const positions = Array.from({ length: tokens }, (_, index) => length + index);
    feeds['position_ids'] = int64(positions, [1, tokens]);
  }
  const outputs = await decoder.run(feeds);
  const present = Object.fromEntries(
    Object.keys(past).map((name) => {
      const tensor = outputs[name.replace('past_key_values', 'present')];
      invariant(tensor !== undefined, `the decoder gives the present of ${name}`);
      return [name, tensor];
    }),
  );
  const all = floats(outputs['logits']);
  return { logits: all.subarray(all.length - text.facts.vocabularySize), present };
};

let model: Loaded | undefined;

serveCalls<MonolithCalls>({
  load: async ({ modelDir, precision }) => {
    model = await load(modelDir, precision);
    return { response: null };
  },
  answer: async ({ messages, options }) => {
    invariant(model !== undefined, 'load comes first');
    return { response: await answer(model, messages, options) };
  },
});
