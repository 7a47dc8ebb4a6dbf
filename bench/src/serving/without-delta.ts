import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedModelDir } from '@isotherm/stack';

/**
 * The shipped model without its decoder that gives only new keys and values, so that a step copies the cache. A folder of
 * links, made anew. Undefined where the model has no such decoder.
 */
export const withoutDelta = async (dir: string): Promise<string | undefined> => {
  const graphs = await readdir(join(shippedModelDir, 'onnx'));
  const plain = graphs.filter((file) => !file.startsWith('decoder_delta'));
  if (plain.length === graphs.length) return undefined;
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'onnx'), { recursive: true });
  const files = await readdir(shippedModelDir, { withFileTypes: true });
  for (const { name } of files.filter((file) => file.isFile())) {
    await cp(join(shippedModelDir, name), join(dir, name));
  }
  for (const file of plain) {
    await symlink(join(shippedModelDir, 'onnx', file), join(dir, 'onnx', file));
  }
  return dir;
};
