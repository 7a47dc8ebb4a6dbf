import { createHash } from 'node:crypto';
import type { Modality } from '../contract.ts';
import type { Precision } from '../model-folder/precision.ts';

/** To be raised whenever preparing a medium gives other numbers than before. */
const preparationVersion = 2;

/** The digest of a prepared tensor: its numbers, their type and its shape. */
export const tensorDigest = ({
  shape,
  data,
}: {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}): string =>
  createHash('sha256')
    .update(`float32 [${shape.join(', ')}]\n`)
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

/** Names what all embeddings of an engine depend on beside their media. */
export const scopeOf = (modelDigest: string, precision: Precision): string =>
  createHash('sha256')
    .update([preparationVersion, modelDigest, precision].join('\n'))
    .digest('hex');

/** Names all that an embedding is a function of. */
export const contentKey = (
  scope: string,
  { modality, digest }: { readonly modality: Modality; readonly digest: string },
): string => createHash('sha256').update([scope, modality, digest].join('\n')).digest('hex');
