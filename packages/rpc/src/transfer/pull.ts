import { Fault, timerMsMax } from '@isotherm/kernel';
import type { Peers } from '../peers.ts';
import { messagesOf } from '../streams.ts';
import { type LeaseStore, leasedPayload } from './lease-store.ts';
import { type Assembly, createAssembly } from './assembly.ts';
import { type Payload, payloadBytes } from './payload.ts';
import { pullSmall } from './pull-small.ts';
import { smallBytesMax } from './small-payload.ts';

export interface PullOptions {
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
  /** Ends the lease with the last byte: for payloads that have one reader. */
  readonly releaseAfter?: boolean;
  /** Largest payload that is accepted, in bytes. */
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

/** What a pull needs of a handle: with its size, a small payload does not take a call of its own. */
export interface PulledHandle {
  readonly address: string;
  readonly leaseId: string;
  readonly bytes?: number;
}

const bytesMaxDefault = 1 << 30;

/**
 * Pulls a payload from its owner; from a neighbour in this process it comes by reference, and must not be changed; from another
 * process it is the caller's own. Faults:
 * `not_found` when the lease has ended, `unavailable` when the owner is gone, `deadline_exceeded`.
 */
export const pull = async (
  peers: Peers,
  handle: PulledHandle,
  options: PullOptions,
): Promise<Payload> => {
  const neighbour = peers.neighbours.at(handle.address);
  if (neighbour !== undefined) return taken(neighbour, handle.leaseId, options);
  const client = peers.transfer(handle.address);
  const { bytes = Infinity } = handle;
  if (bytes <= smallBytesMax) return pullSmall(client, handle.leaseId, options);
  const call = client.pull(
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
