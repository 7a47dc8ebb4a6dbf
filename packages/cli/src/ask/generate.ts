import { status } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import type { Finished, MessageInput } from '@isotherm/proto';
import { caseOf, createPeers, faultCodeKey, messagesOf } from '@isotherm/rpc';
import { CommandError } from '../exit-code.ts';

export interface GenerateOptions {
  /** Router, host:port. */
  readonly address: string;
  /** Where the router serves several; its own if not given. */
  readonly model?: string;
  readonly messages: readonly MessageInput[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  /** Longest time for the whole answer, in seconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Takes each piece of text as it comes. */
  onText?(text: string): void;
}

export interface Answer {
  readonly text: string;
  readonly finished: Finished;
  /** From the call to the first text and to the end, in milliseconds. */
  readonly firstTextMs: number;
  readonly totalMs: number;
}

const timeoutSecondsDefault = 300;

/**
 * Asks a router and gathers the answer. Throws a CommandError that says what to do, or the signal's
 * reason.
 */
export const generate = async (options: GenerateOptions): Promise<Answer> => {
  const { address, signal, timeout = timeoutSecondsDefault } = options;
  const peers = createPeers();
  const startMs = performance.now();
  let firstTextMs: number | undefined;
  let text = '';
  try {
    const call = peers.router(address).generate(
      {
        messages: [...options.messages],
        ...(options.model !== undefined && { model: options.model }),
        ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }),
        ...(options.temperature !== undefined && { temperature: options.temperature }),
        ...(options.seed !== undefined && { seed: options.seed }),
      },
      { deadline: Date.now() + timeout * 1000 },
    );
    for await (const message of messagesOf(call, signal)) {
      const event = caseOf(message, 'event');
      if (event?.kind === 'text') {
        firstTextMs ??= performance.now() - startMs;
        text += event.value.text;
        options.onText?.(event.value.text);
      } else if (event?.kind === 'finished') {
        const totalMs = performance.now() - startMs;
        return { text, finished: event.value, firstTextMs: firstTextMs ?? totalMs, totalMs };
      }
    }
    throw new CommandError(`The router at ${address} ended the answer too early. Ask again.`);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Fault ? routerError(error, address) : error;
  } finally {
    peers.close();
  }
};

/** A refusal by the router in its own words; a router that is not there with what to do. */
export const routerError = (fault: Fault, address: string): CommandError => {
  const fromRouter = metadataOf(fault.cause)?.get(faultCodeKey).length === 1;
  if (!fromRouter && statusOf(fault.cause) === status.UNAVAILABLE) {
    return new CommandError(
      `No router answers at ${address}. ` +
        'Start one with `npm start`, or name another with --address.',
      { cause: fault },
    );
  }
  const where = fault.param === undefined ? '' : ` (${fault.param})`;
  return new CommandError(`${fault.code}: ${fault.message}${where}`, { cause: fault });
};

interface StatusLike {
  readonly code?: number;
  readonly metadata?: { get(key: string): readonly unknown[] };
}
const metadataOf = (cause: unknown) => (cause as StatusLike | undefined)?.metadata;
const statusOf = (cause: unknown) => (cause as StatusLike | undefined)?.code;
