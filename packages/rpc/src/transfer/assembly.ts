import { Fault } from '@isotherm/kernel';
import type { DataType, Manifest } from '@isotherm/proto';
import { allocate, type Payload, type PayloadTensor } from './payload.ts';

/** A payload that arrives in chunks. */
export interface Assembly {
  add(chunk: Uint8Array): void;
  finish(): Payload;
}

/** Faults: `internal` for bytes that do not fit the manifest, `unavailable` for too few. */
export const createAssembly = (manifest: Manifest, bytesMax: number): Assembly => {
  const tensors = manifest.tensors.map(emptyTensor);
  const total = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (total !== manifest.bytes || total > bytesMax) {
    throw new Fault(
      'internal',
      `A payload of ${manifest.bytes} bytes does not fit its manifest of ${total}.`,
    );
  }
  let index = 0;
  let offset = 0;
  let received = 0;
  return {
    add: (chunk) => {
      received += chunk.length;
      let from = 0;
      while (from < chunk.length) {
        const data = tensors[index]?.data;
        if (data === undefined)
          throw new Fault('internal', 'A payload is longer than its manifest says.');
        const room = data.byteLength - offset;
        const piece = chunk.subarray(from, from + room);
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(piece, offset);
        from += piece.length;
        offset += piece.length;
        if (offset === data.byteLength) {
          index += 1;
          offset = 0;
        }
      }
    },
    finish: () => {
      if (received !== total) {
        throw new Fault('unavailable', `A pull ended after ${received} of ${total} bytes.`);
      }
      return { tensors, attributes: manifest.attributes };
    },
  };
};

const emptyTensor = (tensor: Manifest['tensors'][number]): PayloadTensor => {
  const dataType = dataTypeOf(tensor.dataType);
  const length = tensor.shape.reduce((product, extent) => product * extent, 1);
  return { name: tensor.name, dataType, shape: tensor.shape, data: allocate(dataType, length) };
};

const dataTypeOf = (dataType: DataType): PayloadTensor['dataType'] => {
  switch (dataType) {
    case 'DATA_TYPE_FLOAT32':
      return 'float32';
    case 'DATA_TYPE_FLOAT16':
      return 'float16';
    case 'DATA_TYPE_INT32':
      return 'int32';
    case 'DATA_TYPE_UINT8':
    case 'DATA_TYPE_UNSPECIFIED':
      return 'uint8';
    default:
      return dataType satisfies never;
  }
};
