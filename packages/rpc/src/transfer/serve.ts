import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import type {
  ManifestInput,
  PullRequest,
  PullResponseInput,
  PullSmallRequest,
  PullSmallResponseInput,
  SmallPayloadInput,
  SmallPull,
} from '@isotherm/proto';
import { protos } from '../protos.ts';
import type { ServedService } from '../server.ts';
import { statusOf } from '../status.ts';
import { callSignal, writeMessage } from '../streams.ts';
import { unaryHandler } from '../unary.ts';
import { type LeaseStore, leasedPayload } from './lease-store.ts';
import { bytesOf, manifestOf, packPayload } from './packed-payload.ts';
import type { Payload } from './payload.ts';

/**
 * Largest chunk of a pull in bytes. Each is copied a few times on the event loops of both sides, between whose turns small
 * messages pass: of 1 MiB that takes milliseconds.
 */
const chunkBytesMax = 1 << 18;

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
    PullSmall: (call: SmallPullCall) => serveSmallPulls(call, store, onPull),
    Release: unaryHandler((request: { leaseIds: string[] }) => ({
      released: store.release(request.leaseIds),
    })),
  },
});

type SmallPullCall = ServerDuplexStream<PullSmallRequest, PullSmallResponseInput>;

/** Requests are not read while responses wait for a slow reader: they are what this buffers. */
const serveSmallPulls = (call: SmallPullCall, store: LeaseStore, onPull: () => void): void => {
  const answer = ({ number, leaseId, releaseAfter }: SmallPull): SmallPayloadInput => {
    try {
      const payload = packPayload(leasedPayload(store, leaseId));
      onPull();
      store.pulled(leaseId);
      if (releaseAfter) store.release([leaseId]);
      return { number, ...payload };
    } catch (error) {
      const { code, message } = Fault.from(error);
      return { number, code, message };
    }
  };
  call.on('data', ({ pulls }: PullSmallRequest) => {
    let payloads: SmallPayloadInput[] = [];
    let bytes = 0;
    let isTaken = true;
    for (const [index, pull] of pulls.entries()) {
      const payload = answer(pull);
      payloads.push(payload);
      bytes += payload.data?.length ?? 0;
      if (bytes < chunkBytesMax && index < pulls.length - 1) continue;
      isTaken = call.write({ payloads });
      payloads = [];
      bytes = 0;
    }
    if (isTaken) return;
    call.pause();
    call.once('drain', () => call.resume());
  });
  call.on('end', () => call.end());
};

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
    store.pulled(leaseId);
    if (releaseAfter) store.release([leaseId]);
  } catch (error) {
    call.emit('error', statusOf(error));
  }
};

function* messages(payload: Payload): Generator<PullResponseInput, void, void> {
  let manifest: ManifestInput | null = manifestOf(payload);
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
  for (const tensor of payload.tensors) {
    const bytes = bytesOf(tensor);
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
