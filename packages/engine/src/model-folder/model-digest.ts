import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Precision, precisionSuffixes } from './precision.ts';

const encoders = ['vision_encoder', 'audio_encoder', 'video_encoder'];
const configs = ['config.json', 'preprocessor_config.json', 'processor_config.json'];

/** The digest of all files of a folder that decide what its encoders make of media. */
export const encoderDigest = async (dir: string, precision: Precision): Promise<string> => {
  // Weights may lie beside their graph: vision_encoder.onnx_data.
  const graph = new RegExp(`^(?:${encoders.join('|')})${precisionSuffixes[precision]}\\.onnx`);
  const folder = new Set(await readdir(dir));
  const graphs = (await readdir(join(dir, 'onnx'))).filter((name) => graph.test(name)).toSorted();
  const files = [
    ...configs.filter((name) => folder.has(name)),
    ...graphs.map((name) => join('onnx', name)),
  ];
  const digest = createHash('sha256');
  for (const file of files) {
    const content = createHash('sha256');
    for await (const chunk of createReadStream(join(dir, file))) content.update(chunk as Buffer);
    digest.update(`${file} ${content.digest('hex')}\n`);
  }
  return digest.digest('hex');
};
