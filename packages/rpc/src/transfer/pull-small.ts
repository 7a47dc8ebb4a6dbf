import type { ClientDuplexStream } from '@grpc/grpc-js';
import { Fault, isFaultCode, timerMsUntil } from '@isotherm/kernel';
import type {
  PullSmallRequestInput,
  PullSmallResponse,
  SmallPayload,
  SmallPull,
  TransferServiceClient,
} from '@isotherm/proto';
import { faultOf } from '../status.ts';
import { type SilenceWatch, watchSilence } from '../silence.ts';
import { unpackPayload } from './packed-payload.ts';
import type { Payload } from './payload.ts';
import type { PullOutcome, PullTry } from './pull-try.ts';
import { smallBytesMax, smallPullsMax } from './small-payload.ts';

/** One stream to one owner, over which small payloads come. */
interface SmallPulls {
  pull(leaseId: string, options: PullTry): Promise<PullOutcome>;
}

interface Waiting {
  readonly bytesMax: number;
  resolve(outcome: PullOutcome): void;
  reject(reason: unknown): void;
}

type PullStream = ClientDuplexStream<PullSmallRequestInput, PullSmallResponse>;

/** A stream over which nothing has come for this long ends: an owner that shuts down must not wait for it. */
const idleMs = 500;

const streams = new WeakMap<TransferServiceClient, SmallPulls>();

/** Pulls a payload of at most `smallBytesMax` bytes. Faults: those of `pull`. */
export const pullSmall = (
  client: TransferServiceClient,
  leaseId: string,
  options: PullTry,
): Promise<PullOutcome> => {
  const known = streams.get(client);
  const pulls = known ?? createSmallPulls(client);
  if (known === undefined) streams.set(client, pulls);
  return pulls.pull(leaseId, options);
};

const createSmallPulls = (client: TransferServiceClient): SmallPulls => {
  const waiting = new Map<number, Waiting>();
  let stream: PullStream | undefined;
  let idle: NodeJS.Timeout | undefined;
  let silence: SilenceWatch | undefined;
  let asked: SmallPull[] = [];
  let numbers = 0;

  const give = (small: SmallPayload): void => {
    const one = waiting.get(small.number);
    // One whose puller has left meanwhile is nobody's.
    if (one === undefined) return;
    try {
      one.resolve({ kind: 'done', payload: payloadOf(small, one.bytesMax) });
    } catch (error) {
      one.reject(error);
    }
  };
  const hear = ({ payloads }: PullSmallResponse): void => {
    silence?.heard();
    payloads.forEach(give);
  };
  const lose = (lost: PullStream, fault: Fault): void => {
    if (stream !== lost) return;
    stream = undefined;
    for (const one of [...waiting.values()]) one.reject(fault);
  };
  /** What is silent for one is silent for all. */
  const giveUp = (): void => {
    const silent = stream;
    stream = undefined;
    for (const one of [...waiting.values()]) one.resolve({ kind: 'silent' });
    silent?.cancel();
  };
  const open = (): PullStream => {
    const opened: PullStream = client.pullSmall();
    opened.on('data', hear);
    opened.on('error', (error: unknown) => lose(opened, faultOf(error)));
    opened.on('end', () => lose(opened, new Fault('unavailable', 'The owner ended the stream.')));
    return opened;
  };
  const rest = (): void => {
    clearTimeout(idle);
    if (waiting.size > 0) return;
    silence?.end();
    silence = undefined;
    idle = setTimeout(() => {
      const rested = stream;
      stream = undefined;
      rested?.end();
    }, idleMs);
  };

  /** Pulls of one turn of the event loop share a message; what the channel does not take yet waits in it. */
  const ask = (): void => {
    const pulls = asked.filter(({ number }) => waiting.has(number));
    asked = [];
    for (let from = 0; from < pulls.length; from += smallPullsMax) {
      stream?.write({ pulls: pulls.slice(from, from + smallPullsMax) });
    }
  };

  return {
    pull: (leaseId, options) =>
      new Promise((resolve, reject) => {
        const { deadlineMs, releaseAfter = false, bytesMax = smallBytesMax, signal } = options;
        signal?.throwIfAborted();
        clearTimeout(idle);
        silence ??= watchSilence(options.silenceMs, giveUp);
        const number = (numbers = (numbers + 1) >>> 0);
        const leave = (): void => settle(() => reject(signal?.reason as Error));
        const expire = (): void =>
          settle(() => reject(new Fault('deadline_exceeded', 'A pull took too long.')));
        const timer = setTimeout(expire, timerMsUntil(deadlineMs, Date.now()));
        const settle = (how: () => void): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', leave);
          waiting.delete(number);
          how();
          rest();
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.set(number, {
          bytesMax,
          resolve: (outcome) => settle(() => resolve(outcome)),
          reject: (reason) => settle(() => reject(reason)),
        });
        stream ??= open();
        if (asked.push({ number, leaseId, releaseAfter }) === 1) setImmediate(ask);
      }),
  };
};

const payloadOf = (small: SmallPayload, bytesMax: number): Payload => {
  const { manifest, data, code, message } = small;
  if (manifest === null) {
    throw new Fault(isFaultCode(code) ? code : 'internal', message);
  }
  return unpackPayload(manifest, data, bytesMax);
};
