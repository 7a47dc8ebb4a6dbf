import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@isotherm/kernel';

/**
 * Number formats in which an export may hold its weights, with the suffix that transformers.js gives their files
 * (`onnx/decoder_model_merged_q4.onnx`).
 */
export const precisionSuffixes = {
  fp32: '',
  fp16: '_fp16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;

export type Precision = keyof typeof precisionSuffixes;
export const precisions = Object.keys(precisionSuffixes) as readonly Precision[];

export const isPrecision = (text: string): text is Precision =>
  Object.hasOwn(precisionSuffixes, text);

/** The graphs that every multimodal export has. */
export const graphs = ['vision_encoder', 'embed_tokens', 'decoder_model_merged'] as const;
/** A graph; those of sound and clips are in the exports of models that take them. */
export type Graph = (typeof graphs)[number] | 'audio_encoder' | 'video_encoder';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const fileName = (graph: string, precision: Precision): string =>
  join('onnx', `${graph}${precisionSuffixes[precision]}.onnx`);

/**
 * Path of the decoder that gives only new keys and values (see models/panel/training/contrib.py), which a folder may
 * have beside the one that gives back the whole cache; undefined where there is none.
 */
export const deltaDecoderFile = async (
  dir: string,
  precision: Precision,
): Promise<string | undefined> => {
  const path = join(dir, fileName('decoder_delta', precision));
  return (await exists(path)) ? path : undefined;
};

/**
 * Path of one graph in one precision. `embed_tokens` is a table look-up that many exports do not quantise, so it
 * falls back to fp32; any other missing file is a fault that names it.
 */
export const graphFile = async (
  dir: string,
  graph: Graph,
  precision: Precision,
): Promise<string> => {
  const wanted = fileName(graph, precision);
  if (await exists(join(dir, wanted))) return join(dir, wanted);
  const plain = join('onnx', `${graph}.onnx`);
  if (graph === 'embed_tokens' && (await exists(join(dir, plain)))) return join(dir, plain);
  throw new Fault(
    'unsupported',
    `The model folder has no ${wanted}, which precision ${precision} needs.`,
  );
};

/** Precisions for which every graph of the folder has a file. */
export const precisionsIn = async (dir: string): Promise<readonly Precision[]> => {
  const found = await Promise.all(
    precisions.map((precision) =>
      Promise.all(graphs.map((graph) => graphFile(dir, graph, precision))).then(
        () => true,
        () => false,
      ),
    ),
  );
  return precisions.filter((_, index) => found[index]);
};
