import type { ServerWritableStream } from '@grpc/grpc-js';
import type { DataTypeInput, ManifestInput, PullRequest, PullResponseInput } from '@isotherm/proto';
import { protos } from '../protos.ts';
import type { ServedService } from '../server.ts';
import { statusOf } from '../status.ts';
import { callSignal, writeMessage } from '../streams.ts';
import { unaryHandler } from '../unary.ts';
import { type LeaseStore, leasedPayload } from './lease-store.ts';
import { type Payload, payloadBytes, type PayloadTensor } from './payload.ts';

/** Largest chunk of a pull in bytes. */
const chunkBytesMax = 1 << 20;

const dataTypes: Readonly<Record<PayloadTensor['dataType'], DataTypeInput>> = {
  float32: 'DATA_TYPE_FLOAT32',
  float16: 'DATA_TYPE_FLOAT16',
  int32: 'DATA_TYPE_INT32',
  uint8: 'DATA_TYPE_UINT8',
};

/** TransferService over a lease store; `onPull` is called for each payload that was served. */
export const transferService = (
  store: LeaseStore,
  onPull: () => void = () => undefined,
): ServedService => ({
  definition: protos.isotherm.transfer.v1.TransferService.service,
  implementation: {
    Pull: (call: ServerWritableStream<PullRequest, PullResponseInput>) => {
      void servePull(call, store, onPull);
    },
    Release: unaryHandler((request: { leaseIds: string[] }) => ({
      released: store.release(request.leaseIds),
    })),
  },
});

const servePull = async (
  call: ServerWritableStream<PullRequest, PullResponseInput>,
  store: LeaseStore,
  onPull: () => void,
): Promise<void> => {
  const { leaseId, releaseAfter } = call.request;
  try {
    const payload = leasedPayload(store, leaseId);
    const signal = callSignal(call);
    for (const message of messages(payload)) await writeMessage(call, message, signal);
    call.end();
    onPull();
    if (releaseAfter) store.release([leaseId]);
  } catch (error) {
    call.emit('error', statusOf(error));
  }
};

function* messages(payload: Payload): Generator<PullResponseInput, void, void> {
  let manifest: ManifestInput | null = {
    tensors: payload.tensors.map((tensor) => ({
      name: tensor.name,
      dataType: dataTypes[tensor.dataType],
      shape: [...tensor.shape],
    })),
    bytes: payloadBytes(payload),
    attributes: { ...payload.attributes },
  };
  for (const chunk of chunks(payload)) {
    yield { manifest, chunk };
    manifest = null;
  }
  if (manifest !== null) yield { manifest };
}

/** Small tensors are gathered into one chunk (a KV cache is many small ones); large ones are cut. */
function* chunks(payload: Payload): Generator<Buffer, void, void> {
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  for (const { data } of payload.tensors) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    for (let start = 0; start < bytes.length; start += chunkBytesMax) {
      const piece = bytes.subarray(start, start + chunkBytesMax);
      if (gatheredBytes + piece.length > chunkBytesMax) {
        yield gathered.length === 1 && gathered[0] !== undefined
          ? gathered[0]
          : Buffer.concat(gathered);
        gathered = [];
        gatheredBytes = 0;
      }
      gathered.push(piece);
      gatheredBytes += piece.length;
    }
  }
  if (gatheredBytes > 0)
    yield gathered.length === 1 && gathered[0] !== undefined
      ? gathered[0]
      : Buffer.concat(gathered);
}
