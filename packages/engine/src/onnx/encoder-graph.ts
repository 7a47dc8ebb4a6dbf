import { Fault } from '@isotherm/kernel';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Embedding, Modality } from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import type { ModelFolder } from '../model-folder/model-folder.ts';
import { graphFile } from '../model-folder/precision.ts';
import { asFloatType } from './float-data.ts';
import { type Feeds, floatOutput, floatTensor, type GraphOptions, openSession } from './session.ts';
import type { PreparedMedium } from './encode-calls.ts';

/** Media of one modality, all with tiles, windows or frames of one shape, to their embeddings. */
export type EncoderGraph = (media: readonly PreparedMedium[]) => Promise<readonly Embedding[]>;

/** The graph of each modality, its input, and the output that holds the embeddings. */
const graphsOf = {
  image: { graph: 'vision_encoder', input: 'pixel_values', output: 'image_features' },
  audio: { graph: 'audio_encoder', input: 'audio_values', output: 'audio_features' },
  video: { graph: 'video_encoder', input: 'pixel_values_videos', output: 'video_features' },
} as const;

/** Loads the encoder of one modality of a model. */
export const loadEncoderGraph = async (
  folder: ModelFolder,
  modality: Modality,
  { precision, threads }: GraphOptions,
): Promise<EncoderGraph> => {
  const { graph, input, output } = graphsOf[modality];
  const session = await openSession(await graphFile(folder.dir, graph, precision), threads);
  const inputs = session.inputMetadata.find((each) => each.name === input);
  const type = inputs?.isTensor === true && inputs.type === 'float16' ? 'float16' : 'float32';
  const { hiddenSize } = folder.facts(precision);
  return async (media) => {
    const units = media.reduce((sum, medium) => sum + (medium.shape[0] ?? 0), 0);
    const unitShape = media[0]?.shape.slice(1) ?? [];
    const values = new Float32Array(media.reduce((sum, medium) => sum + medium.data.length, 0));
    let at = 0;
    for (const medium of media) {
      values.set(medium.data, at);
      at += medium.data.length;
    }
    const shape = [units, ...unitShape];
    const tiled = modality === 'image' && folder.architecture.visionLayout === 'tiles';
    const feeds: Feeds = {
      [input]: floatTensor(type, asFloatType(values, type), tiled ? [1, ...shape] : shape),
    };
    if (session.inputNames.includes('pixel_attention_mask')) {
      const [height = 0, width = 0] = unitShape.slice(-2);
      const mask = new Uint8Array(units * height * width).fill(1);
      feeds['pixel_attention_mask'] = new OrtTensor('bool', mask, [1, units, height, width]);
    }
    const outputs = await session.run(feeds);
    const { cross } = folder.layouts;
    if (cross !== undefined) {
      const tensors = crossNames(cross).map((each) => ({
        name: each,
        ...floatOutput(outputs, each),
      }));
      return splitStates(tensors, media, units);
    }
    const name = session.outputNames.includes(output) ? output : (session.outputNames[0] ?? output);
    return split(floatOutput(outputs, name), { name: output, media, units, hiddenSize });
  };
};

/** Cuts keys and values [units, kvHeads, tokens, headSize] into one embedding for each medium. */
const splitStates = (
  tensors: readonly ({ readonly name: string } & ReturnType<typeof floatOutput>)[],
  media: readonly PreparedMedium[],
  units: number,
): readonly Embedding[] => {
  if (units !== media.length || tensors.some(({ shape }) => shape[0] !== units)) {
    const message = `The vision graph takes pictures of one tile; these ${media.length} have ${units}.`;
    throw new Fault('unsupported', message);
  }
  return media.map((_, place) =>
    tensors.map(({ name, type, data, shape }) => {
      const values = data.length / units;
      const part = data.slice(place * values, (place + 1) * values);
      return { name, dataType: type, shape: shape.slice(1), data: part };
    }),
  );
};

interface SplitOptions {
  readonly name: string;
  readonly media: readonly PreparedMedium[];
  /** Tiles, windows or clips of all media. */
  readonly units: number;
  readonly hiddenSize: number;
}

/** Cuts [units, rows, hiddenSize] (or the same flattened) into one embedding for each medium. */
const split = (
  { data, type, shape }: ReturnType<typeof floatOutput>,
  { name, media, units, hiddenSize }: SplitOptions,
): readonly Embedding[] => {
  const rowsPerUnit = data.length / hiddenSize / units;
  if (shape.at(-1) !== hiddenSize || !Number.isInteger(rowsPerUnit)) {
    throw new Fault(
      'unsupported',
      `The encoder gave ${name} as [${shape.join(', ')}] for ${units} inputs; rows of ${hiddenSize} are expected.`,
    );
  }
  let row = 0;
  return media.map((medium) => {
    const rows = rowsPerUnit * (medium.shape[0] ?? 0);
    const part = data.slice(row * hiddenSize, (row + rows) * hiddenSize);
    row += rows;
    return [{ name, dataType: type, shape: [rows, hiddenSize], data: part }];
  });
};
