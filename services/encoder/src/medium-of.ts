import { type Medium, modalities } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { EncodeJob } from '@isotherm/proto';
import type { Payload } from '@isotherm/rpc';

/** The medium of a job: a file is one tensor of bytes; a clip that was given as frames has one for each. */
export const mediumOf = (
  { modality: name, tokens }: Pick<EncodeJob, 'modality' | 'tokens'>,
  { tensors, attributes }: Payload,
): Medium => {
  const modality = modalities.find((known) => known === name);
  if (modality === undefined) throw new Fault('internal', `There is no modality "${name}".`);
  const files = tensors.map(({ data }) => {
    if (data instanceof Uint8Array) return data;
    throw new Fault('internal', 'A medium came without bytes.');
  });
  if (attributes['kind'] === 'frames') {
    return { kind: 'frames', modality: 'video', frames: files, tokens };
  }
  const [bytes] = files;
  if (bytes === undefined) throw new Fault('internal', 'A medium came without bytes.');
  return { kind: 'file', modality, bytes, tokens };
};
