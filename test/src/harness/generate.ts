import type { Finished, GenerateRequestInput, GenerateResponse } from '@isotherm/proto';
import { faultOf, messagesOf } from '@isotherm/rpc';
import type { Fault } from '@isotherm/kernel';
import type { ClientReadableStream } from '@grpc/grpc-js';
import type { Deployment } from './deployment.ts';

/** How a request over gRPC ended. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly finished: Finished;
      readonly requestId: string;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly fault: Fault;
      /** What had come before it failed. */
      readonly text: string;
      readonly tookMs: number;
    };

export interface GenerateOptions {
  /** The first router if not given. */
  readonly address?: string;
  /** The call's deadline, Unix time in milliseconds. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  onText?(text: string): void;
}

/**
 * Asks over gRPC. A stream that ends without `finished`, or goes on behind it, is an error of its
 * own.
 */
export const generate = async (
  { stack, peers }: Deployment,
  request: GenerateRequestInput,
  options: GenerateOptions = {},
): Promise<Answer> => {
  const startMs = performance.now();
  const tookMs = (): number => performance.now() - startMs;
  const deadline = options.deadlineMs === undefined ? {} : { deadline: options.deadlineMs };
  const call = peers.router(options.address ?? stack.grpc).generate(request, deadline);
  const requestId = requestIdOf(call);
  let text = '';
  let finished: Finished | undefined;
  try {
    for await (const message of messagesOf(call, options.signal)) {
      if (finished !== undefined) throw new Error('A message came after the end of the answer.');
      if (message.event === 'finished') finished = message.finished ?? undefined;
      else {
        const piece = message.text?.text ?? '';
        text += piece;
        options.onText?.(piece);
      }
    }
  } catch (error) {
    return { kind: 'failed', fault: faultOf(error), text, tookMs: tookMs() };
  }
  if (finished === undefined) throw new Error('The answer stopped without saying how it ended.');
  return { kind: 'answered', text, finished, requestId: await requestId, tookMs: tookMs() };
};

const requestIdOf = (call: ClientReadableStream<GenerateResponse>): Promise<string> =>
  new Promise((resolve) => {
    call.once('metadata', (metadata) => resolve(String(metadata.get('x-request-id')[0] ?? '')));
  });
