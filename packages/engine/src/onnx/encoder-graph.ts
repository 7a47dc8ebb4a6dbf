import { Fault } from '@isotherm/kernel';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { Embedding } from '../contract.ts';
import { crossNames } from '../model-folder/kv-layout.ts';
import type { ModelFolder } from '../model-folder/model-folder.ts';
import { graphFile } from '../model-folder/precision.ts';
import { asFloatType } from './decoder-graph.ts';
import { type Feeds, floatOutput, floatTensor, type GraphOptions, openSession } from './session.ts';
import type { PreparedMedium } from './encode-calls.ts';

/** Pictures, all with tiles of one size, to their embeddings. */
export type EncoderGraph = (pictures: readonly PreparedMedium[]) => Promise<readonly Embedding[]>;

/** Loads the vision graph of a model. */
export const loadEncoderGraph = async (
  folder: ModelFolder,
  { precision, threads }: GraphOptions,
): Promise<EncoderGraph> => {
  const session = await openSession(
    await graphFile(folder.dir, 'vision_encoder', precision),
    threads,
  );
  const inputs = session.inputMetadata.find((each) => each.name === 'pixel_values');
  const type = inputs?.isTensor === true && inputs.type === 'float16' ? 'float16' : 'float32';
  const { hiddenSize } = folder.facts(precision);
  return async (pictures) => {
    const tiles = pictures.reduce((sum, picture) => sum + (picture.shape[0] ?? 0), 0);
    const [, channels = 0, height = 0, width = 0] = pictures[0]?.shape ?? [];
    const pixels = new Float32Array(tiles * channels * height * width);
    let at = 0;
    for (const picture of pictures) {
      pixels.set(picture.data, at);
      at += picture.data.length;
    }
    const tileShape = [tiles, channels, height, width];
    const tiled = folder.architecture.visionLayout === 'tiles';
    const feeds: Feeds = {
      pixel_values: floatTensor(
        type,
        asFloatType(pixels, type),
        tiled ? [1, ...tileShape] : tileShape,
      ),
    };
    if (session.inputNames.includes('pixel_attention_mask')) {
      const mask = new Uint8Array(tiles * height * width).fill(1);
      feeds['pixel_attention_mask'] = new OrtTensor('bool', mask, [1, tiles, height, width]);
    }
    const outputs = await session.run(feeds);
    const { cross } = folder.layouts;
    if (cross !== undefined) {
      const tensors = crossNames(cross).map((each) => ({
        name: each,
        ...floatOutput(outputs, each),
      }));
      return splitStates(tensors, pictures, tiles);
    }
    const name = session.outputNames.includes('image_features')
      ? 'image_features'
      : (session.outputNames[0] ?? 'image_features');
    return split(floatOutput(outputs, name), pictures, tiles, hiddenSize);
  };
};

/** Cuts keys and values [tiles, kvHeads, tokens, headSize] into one embedding for each picture. */
const splitStates = (
  tensors: readonly ({ readonly name: string } & ReturnType<typeof floatOutput>)[],
  pictures: readonly PreparedMedium[],
  tiles: number,
): readonly Embedding[] => {
  if (tiles !== pictures.length || tensors.some(({ shape }) => shape[0] !== tiles)) {
    const message = `The vision graph takes pictures of one tile; these ${pictures.length} have ${tiles}.`;
    throw new Fault('unsupported', message);
  }
  return pictures.map((_, picture) =>
    tensors.map(({ name, type, data, shape }) => {
      const values = data.length / tiles;
      const part = data.slice(picture * values, (picture + 1) * values);
      return { name, dataType: type, shape: shape.slice(1), data: part };
    }),
  );
};

/** Cuts [tiles, rows, hiddenSize] (or the same flattened) into one embedding for each picture. */
const split = (
  { data, type, shape }: ReturnType<typeof floatOutput>,
  pictures: readonly PreparedMedium[],
  tiles: number,
  hiddenSize: number,
): readonly Embedding[] => {
  const rowsPerTile = data.length / hiddenSize / tiles;
  if (shape.at(-1) !== hiddenSize || !Number.isInteger(rowsPerTile)) {
    throw new Fault(
      'unsupported',
      `The vision graph gave [${shape.join(', ')}] for ${tiles} tiles; rows of ${hiddenSize} are expected.`,
    );
  }
  let row = 0;
  return pictures.map((picture) => {
    const rows = rowsPerTile * (picture.shape[0] ?? 0);
    const part = data.slice(row * hiddenSize, (row + rows) * hiddenSize);
    row += rows;
    return [{ name: 'image_features', dataType: type, shape: [rows, hiddenSize], data: part }];
  });
};
