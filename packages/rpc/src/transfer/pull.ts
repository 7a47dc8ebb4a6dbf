import { Fault, timerMsMax } from '@isotherm/kernel';
import type { TransferServiceClient } from '@isotherm/proto';
import type { Peers } from '../peers.ts';
import { watchSilence } from '../silence.ts';
import { messagesOf } from '../streams.ts';
import { type LeaseStore, leasedPayload } from './lease-store.ts';
import { type Assembly, createAssembly } from './assembly.ts';
import { type Payload, payloadBytes } from './payload.ts';
import { pullSmall } from './pull-small.ts';
import type { PullOptions, PullOutcome, PullTry } from './pull-try.ts';
import { smallBytesMax } from './small-payload.ts';

/** What a pull needs of a handle: with its size, a small payload does not take a call of its own. */
export interface PulledHandle {
  readonly address: string;
  readonly leaseId: string;
  readonly bytes?: number;
}

const bytesMaxDefault = 1 << 30;

/** Times that an owner is asked: the second is for a link that died without a word, the third for a machine that stands still. */
const triesMax = 3;

/**
 * Pulls a payload from its owner; from a neighbour in this process it comes by reference, and must not be changed; from another
 * process it is the caller's own. An owner that falls silent is asked again, over a new connection. Faults:
 * `not_found` when the lease has ended, `unavailable` when the owner is gone or silent, `deadline_exceeded`.
 */
export const pull = async (
  peers: Peers,
  handle: PulledHandle,
  { given, ...options }: PullOptions,
): Promise<Payload> => {
  const { address, leaseId, bytes = 0 } = handle;
  const neighbour = peers.neighbours.at(address);
  if (neighbour !== undefined) return taken(neighbour, leaseId, options);
  const came = options.releaseAfter === true ? undefined : given?.take(leaseId);
  if (came !== undefined) return came;
  return bytes > smallBytesMax
    ? peers.pullThread.pull(address, leaseId, options)
    : pullFar(peers, handle, options);
};

/** The same from another process, in this very thread. */
export const pullFar = async (
  peers: Omit<Peers, 'pullThread'>,
  { address, leaseId, bytes = Infinity }: PulledHandle,
  options: PullOptions,
): Promise<Payload> => {
  const { pullSilenceMs: silenceMs } = peers;
  const isSmall = bytes <= smallBytesMax;
  for (let tries = 1; ; tries++) {
    const client = isSmall ? peers.transfer(address) : peers.bulk(address);
    const outcome = await (isSmall ? pullSmall : pullLarge)(client, leaseId, {
      ...options,
      silenceMs,
    });
    if (outcome.kind === 'done') return outcome.payload;
    peers.renew(address, client);
    if (tries >= triesMax) {
      throw new Fault('unavailable', `Nothing has come from ${address} for ${silenceMs} ms.`);
    }
  }
};

/** Over a call of its own, in pieces. */
const pullLarge = async (
  client: TransferServiceClient,
  leaseId: string,
  { releaseAfter = false, deadlineMs, bytesMax, signal, silenceMs }: PullTry,
): Promise<PullOutcome> => {
  const call = client.pull({ leaseId, releaseAfter }, { deadline: callDeadline(deadlineMs) });
  let assembly: Assembly | undefined;
  let isSilent = false;
  const silence = watchSilence(silenceMs, () => {
    isSilent = true;
    call.cancel();
  });
  try {
    for await (const message of messagesOf(call, signal)) {
      silence.heard();
      if (message.manifest !== null) {
        assembly = createAssembly(message.manifest, bytesMax ?? bytesMaxDefault);
      }
      assembly?.add(message.chunk);
    }
  } catch (error) {
    if (isSilent && signal?.aborted !== true) return { kind: 'silent' };
    throw error;
  } finally {
    silence.end();
  }
  if (assembly === undefined) throw new Fault('unavailable', 'A pull ended without a manifest.');
  return { kind: 'done', payload: assembly.finish() };
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
  store.pulled(leaseId);
  if (options.releaseAfter === true) store.release([leaseId]);
  return payload;
};

/** grpc-js throws, outside of the call, on a deadline that no timer can hold. */
const callDeadline = (deadlineMs: number): number => Math.min(deadlineMs, Date.now() + timerMsMax);
