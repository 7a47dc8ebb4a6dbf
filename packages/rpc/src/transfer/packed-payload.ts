import { Fault } from '@isotherm/kernel';
import type { DataTypeInput, Manifest, ManifestInput } from '@isotherm/proto';
import { createAssembly } from './assembly.ts';
import { type Payload, payloadBytes, type PayloadTensor } from './payload.ts';
import { smallBytesMax } from './small-payload.ts';

const dataTypes: Readonly<Record<PayloadTensor['dataType'], DataTypeInput>> = {
  float32: 'DATA_TYPE_FLOAT32',
  float16: 'DATA_TYPE_FLOAT16',
  int32: 'DATA_TYPE_INT32',
  uint8: 'DATA_TYPE_UINT8',
};

export const manifestOf = (payload: Payload): ManifestInput => ({
  tensors: payload.tensors.map((tensor) => ({
    name: tensor.name,
    dataType: dataTypes[tensor.dataType],
    shape: [...tensor.shape],
  })),
  bytes: payloadBytes(payload),
  attributes: { ...payload.attributes },
});

export const bytesOf = ({ data }: PayloadTensor): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** A small payload as fields of one message. Faults: `internal` for one that is not small. */
export const packPayload = (
  payload: Payload,
): { readonly manifest: ManifestInput; readonly data: Buffer } => {
  const bytes = payloadBytes(payload);
  if (bytes > smallBytesMax) {
    throw new Fault('internal', `A payload of ${bytes} bytes was sent as a small one.`);
  }
  const pieces = payload.tensors.map(bytesOf);
  const [only] = pieces;
  const data = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, bytes);
  return { manifest: manifestOf(payload), data };
};

/** What was packed, in memory of its own. Faults: `internal`, `unavailable` for bytes that do not fit the manifest. */
export const unpackPayload = (manifest: Manifest, data: Uint8Array, bytesMax: number): Payload => {
  const assembly = createAssembly(manifest, bytesMax);
  assembly.add(data);
  return assembly.finish();
};
