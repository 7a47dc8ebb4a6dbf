import { invariant } from '@isotherm/kernel';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Modality, PromptMessage, TextModel, TokenLogprobs } from '../contract.ts';
import { loadGrammars, type Grammars } from '../grammar/grammars.ts';
import { inspectMedium, type UncountedMedium } from '../media/inspect-medium.ts';
import { defaultMediaLimits } from '../media/media-limits.ts';
import { audioPreparer } from '../media/prepare-audio.ts';
import { imagePreparer, type PrepareMedium } from '../media/prepare-image.ts';
import { videoPreparer } from '../media/prepare-video.ts';
import { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
import { type Graph, graphFile, type Precision } from '../model-folder/precision.ts';
import { createTokenChooser } from '../sampling/token-chooser.ts';
import { historyOf } from '../sampling/token-history.ts';
import { loadTextModel } from '../text/text-model.ts';
import { type PictureStates, plainCrossFeeds } from './plain-cross-attention.ts';
import { loadTokenVocabulary } from '../text/token-vocabulary.ts';
import { serveCalls } from '../thread/serve-calls.ts';
import type {
  AnswerOptions,
  MonolithAnswer,
  MonolithCalls,
  MonolithMessage,
  MonolithPart,
} from './monolith-calls.ts';

// Worker thread: a model from picture to text, as plainly as it can be written. For fp32 tensors.

interface Loaded {
  readonly folder: ModelFolder;
  readonly text: TextModel;
  readonly encoders: ReadonlyMap<Modality, Encoder>;
  readonly grammars: Grammars;
  readonly embed: InferenceSession;
  readonly decoder: InferenceSession;
}

/** One modality: from file to the graph's input, and the graph. */
interface Encoder {
  readonly prepare: PrepareMedium;
  readonly session: InferenceSession;
  readonly input: string;
  readonly output: string;
}

const load = async (modelDir: string, precision: Precision): Promise<Loaded> => {
  const folder = await readModelFolder(modelDir);
  const session = async (graph: Graph): Promise<InferenceSession> =>
    InferenceSession.create(await graphFile(folder.dir, graph, precision), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  const limits = defaultMediaLimits;
  const encoders = new Map<Modality, Encoder>([
    [
      'image',
      {
        prepare: await imagePreparer(modelDir, limits),
        session: await session('vision_encoder'),
        input: 'pixel_values',
        output: 'image_features',
      },
    ],
  ]);
  if (folder.audio !== undefined) {
    encoders.set('audio', {
      prepare: audioPreparer(folder.audio, limits),
      session: await session('audio_encoder'),
      input: 'audio_values',
      output: 'audio_features',
    });
  }
  if (folder.video !== undefined) {
    encoders.set('video', {
      prepare: await videoPreparer(modelDir, folder.video, limits),
      session: await session('video_encoder'),
      input: 'pixel_values_videos',
      output: 'video_features',
    });
  }
  return {
    folder,
    grammars: await loadGrammars(() => loadTokenVocabulary(folder)),
    text: await loadTextModel(modelDir, { precision }),
    encoders,
    embed: await session('embed_tokens'),
    decoder: await session('decoder_model_merged'),
  };
};

const answer = async (
  model: Loaded,
  messages: readonly MonolithMessage[],
  { tokensMax, sampling, grammar }: AnswerOptions,
): Promise<MonolithAnswer> => {
  const media = messages.flatMap((message) =>
    message.parts.flatMap((part) => (part.kind === 'text' ? [] : [mediumOf(part)])),
  );
  const { tokenIds } = model.text.prompt(await Promise.all(messages.map(withSizes)));
  const encoded: EncodedMedium[] = [];
  for (const medium of media) encoded.push(await encodeMedium(model, medium));

  const end = model.text.facts.endOfTextTokens;
  const detokenizer = model.text.detokenizer();
  const placeholders = Object.values(model.folder.placeholderIds);
  const history = historyOf(tokenIds, 0, (token) => placeholders.includes(token));
  const grammarState = grammar && (await model.grammars.stateOf(grammar, []));
  const chooser = createTokenChooser({ sampling, history, generated: 0, grammar: grammarState });
  const tokens: number[] = [];
  const logprobs: TokenLogprobs[] = [];
  let text = '';
  let past = emptyPast(model);
  let length = 0;
  let embeds = await embed(model, tokenIds);
  const { cross } = model.folder.layouts;
  const states = encoded.map(({ outputs }) => outputs);
  const seen = cross && plainCrossFeeds(cross, states, tokenIds, model.folder.placeholderIds.image);
  if (seen === undefined) placeFeatures(embeds, tokenIds, encoded.map(featuresOf), model);
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
      part.kind === 'text' ? part : inspectMedium(mediumOf(part)),
    ),
  ),
});

const mediumOf = (part: Exclude<MonolithPart, { kind: 'text' }>): UncountedMedium =>
  part.kind === 'frames'
    ? { kind: 'frames', modality: 'video', frames: part.frames }
    : { kind: 'file', modality: part.kind, bytes: part.bytes };

/** All that the encoder's graph makes of a medium, and the name of what holds its embedding. */
interface EncodedMedium {
  readonly outputs: PictureStates;
  readonly output: string;
}

const encodeMedium = async (model: Loaded, medium: UncountedMedium): Promise<EncodedMedium> => {
  const encoder = model.encoders.get(medium.modality);
  invariant(encoder !== undefined, 'the prompt refuses what the model does not take');
  const { session, input, output } = encoder;
  const { data, shape } = await encoder.prepare({ ...medium, tokens: 0 });
  const tiled = medium.modality === 'image' && model.folder.architecture.visionLayout === 'tiles';
  const feeds: Record<string, Tensor> = {
    [input]: new Tensor('float32', data, tiled ? [1, ...shape] : shape),
  };
  const [tiles = 0, , height = 0, width = 0] = shape;
  if (session.inputNames.includes('pixel_attention_mask')) {
    const mask = new Uint8Array(tiles * height * width).fill(1);
    feeds['pixel_attention_mask'] = new Tensor('bool', mask, [1, tiles, height, width]);
  }
  return { outputs: await session.run(feeds), output };
};

const featuresOf = ({ outputs, output }: EncodedMedium): Float32Array =>
  floats(outputs[output] ?? Object.values(outputs)[0]);

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
