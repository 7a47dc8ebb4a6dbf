import { Fault, timerMsMax } from '@isotherm/kernel';
import type { DataType, Manifest } from '@isotherm/proto';
import type { Peers } from '../peers.ts';
import { messagesOf } from '../streams.ts';
import { type LeaseStore, leasedPayload } from './lease-store.ts';
import { allocate, type Payload, payloadBytes, type PayloadTensor } from './payload.ts';

export interface PullOptions {
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** Ends the lease with the last byte: for payloads that have one reader. */
  readonly releaseAfter?: boolean;
  /** Largest payload that is accepted, in bytes. */
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

const bytesMaxDefault = 1 << 30;

/**
 * Pulls a payload from its owner; from a neighbour in this process it comes by reference, and must not be changed; from another
 * process it is the caller's own. Faults:
 * `not_found` when the lease has ended, `unavailable` when the owner is gone, `deadline_exceeded`.
 */
export const pull = async (
  peers: Peers,
  handle: { readonly address: string; readonly leaseId: string },
  options: PullOptions,
): Promise<Payload> => {
  const neighbour = peers.neighbours.at(handle.address);
  if (neighbour !== undefined) return taken(neighbour, handle.leaseId, options);
  const call = peers
    .transfer(handle.address)
    .pull(
      { leaseId: handle.leaseId, releaseAfter: options.releaseAfter ?? false },
      { deadline: callDeadline(options.deadlineMs) },
    );
  let assembly: Assembly | undefined;
  for await (const message of messagesOf(call, options.signal)) {
    if (message.manifest !== null) {
      assembly = createAssembly(message.manifest, options.bytesMax ?? bytesMaxDefault);
    }
    assembly?.add(message.chunk);
  }
  if (assembly === undefined) throw new Fault('unavailable', 'A pull ended without a manifest.');
  return assembly.finish();
};

/** What `pull` does over the network, done to a store at hand. */
const taken = (store: LeaseStore, leaseId: string, options: PullOptions): Payload => {
  options.signal?.throwIfAborted();
  const payload = leasedPayload(store, leaseId);
  const bytes = payloadBytes(payload);
  const { bytesMax = bytesMaxDefault } = options;
  if (bytes > bytesMax) {
    throw new Fault('internal', `A payload of ${bytes} bytes is larger than ${bytesMax}.`);
  }
  if (options.releaseAfter === true) store.release([leaseId]);
  return payload;
};

/** grpc-js throws, outside of the call, on a deadline that no timer can hold. */
const callDeadline = (deadlineMs: number): number => Math.min(deadlineMs, Date.now() + timerMsMax);

interface Assembly {
  add(chunk: Uint8Array): void;
  finish(): Payload;
}

const createAssembly = (manifest: Manifest, bytesMax: number): Assembly => {
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
