import { setTimeout as delay } from 'node:timers/promises';
import { Fault, type FaultCode } from '@isotherm/kernel';
import type { BatchItem } from '@isotherm/lanes';
import type { BatchResultInput, GenerateRequest, RouterTokenLogprobInput } from '@isotherm/proto';
import type { Finished, Responder } from '../answer/respond.ts';
import { finishedOf, logprobOf } from '../grpc/answer-messages.ts';
import { chatOfGenerate } from '../grpc/chat-of-generate.ts';
import { bytesOfResult, requestOfBytes } from './batch-bytes.ts';

export interface ItemOptions {
  readonly responder: Responder;
  /** Largest result in bytes. */
  readonly batchResultBytesMax: number;
  /** How long an item is tried again while there is no room or no instance, in milliseconds. */
  readonly batchItemWaitMs: number;
  random(): number;
}

export interface ItemResult {
  readonly kind: 'answered' | 'failed';
  readonly bytes: Uint8Array;
}

/** Nobody waits for a batch: what fails for want of room or of an instance is tried again. */
const passing: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'saturated',
  'unavailable',
  'preempted',
  'rate_limited',
]);

const retryMsMin = 200;
const retryMsMax = 15_000;

/** Answers one request of a batch; undefined where the signal has ended it. */
export const runItem = async (
  { index }: BatchItem,
  bytes: Uint8Array,
  options: ItemOptions,
  signal: AbortSignal,
): Promise<ItemResult | undefined> => {
  const giveUpMs = performance.now() + options.batchItemWaitMs;
  let waitMs = retryMsMin;
  for (;;) {
    const seen = { requestId: '' };
    try {
      const answer = await answerOf(requestOfBytes(bytes), options.responder, signal, seen);
      return bounded({ index, requestId: seen.requestId, answer }, options.batchResultBytesMax);
    } catch (error) {
      if (signal.aborted) return undefined;
      const fault = Fault.from(error);
      if (!passing.has(fault.code) || performance.now() + waitMs > giveUpMs) {
        return failed(index, fault, seen.requestId);
      }
    }
    const jittered = waitMs * (0.5 + options.random() / 2);
    const waited = await delay(jittered, true, { signal }).catch(() => false);
    if (!waited) return undefined;
    waitMs = Math.min(2 * waitMs, retryMsMax);
  }
};

export const failed = (index: number, fault: Fault, requestId = ''): ItemResult => {
  const { code, message, param = '' } = fault;
  const result = { index, requestId, failure: { code, message, param } };
  return { kind: 'failed', bytes: bytesOfResult(result) };
};

const answerOf = async (
  request: GenerateRequest,
  responder: Responder,
  signal: AbortSignal,
  seen: { requestId: string },
): Promise<NonNullable<BatchResultInput['answer']>> => {
  let text = '';
  const logprobs: RouterTokenLogprobInput[] = [];
  let finished: Finished | undefined;
  await responder.handle(signal, async (handling) => {
    seen.requestId = handling.id;
    const chat = chatOfGenerate(request, undefined);
    const { events } = await handling.open({ sloClass: 'batch', ...chat });
    for await (const event of events) {
      if (event.kind === 'finished') finished = event;
      else {
        text += event.text;
        logprobs.push(...event.logprobs.map(logprobOf));
      }
    }
  });
  if (finished === undefined) throw new Fault('internal', 'The answer ended without its account.');
  return { text, logprobs, finished: finishedOf(finished) };
};

const bounded = (
  result: BatchResultInput & { readonly index: number },
  bytesMax: number,
): ItemResult => {
  const bytes = bytesOfResult(result);
  if (bytes.length <= bytesMax) return { kind: 'answered', bytes };
  const message = `The result has ${bytes.length} bytes; one of a batch may have ${bytesMax}.`;
  return failed(result.index, new Fault('payload_too_large', message), result.requestId);
};
