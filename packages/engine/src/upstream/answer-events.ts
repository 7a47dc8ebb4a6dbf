import { Fault } from '@isotherm/kernel';
import { faultOfStatus, isRecord, serverErrorOf } from './server-error.ts';
import { type ServerLogprobs, serverLogprobsOf } from './server-logprobs.ts';
import { sseMessages } from './sse-messages.ts';

export interface UpstreamUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the prompt's, those that the server had in a cache; 0 where it does not say. */
  readonly cachedTokens: number;
}

/** Why a server ended its answer. */
export type UpstreamReason = 'stop' | 'length';

export type AnswerEvent =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Of tokens of this text, where they were asked for. */
      readonly logprobs: readonly ServerLogprobs[];
    }
  | {
      readonly kind: 'finished';
      readonly reason: UpstreamReason;
      /** What the server counted; undefined where it did not say. */
      readonly usage: UpstreamUsage | undefined;
    };

/**
 * The events of a streamed chat completion. The answer is whole when a choice has said why it
 * ended; usage may follow, then `[DONE]`, which some servers leave out. Faults: `unavailable` for a
 * stream that ends earlier, holds what is not JSON, or reports that the server failed.
 */
export async function* answerEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<AnswerEvent, void> {
  let reason: UpstreamReason | undefined;
  let usage: UpstreamUsage | undefined;
  reading: for await (const messages of sseMessages(body)) {
    for (const data of messages) {
      if (data === '[DONE]') break reading;
      const chunk = parseChunk(data);
      const error = serverErrorOf(chunk);
      if (error !== undefined) throw faultOfStatus(error.status ?? 500, error);
      usage = usageOf(chunk) ?? usage;
      const choice = choiceOf(chunk);
      const text = textOf(choice?.['delta']);
      const logprobs = serverLogprobsOf(choice);
      if (text !== '' || logprobs.length > 0) yield { kind: 'text', text, logprobs };
      reason = reasonOf(choice?.['finish_reason']) ?? reason;
    }
  }
  if (reason === undefined) {
    throw new Fault('unavailable', 'The upstream server ended its answer before it was whole.');
  }
  yield { kind: 'finished', reason, usage };
}

/** A chat completion in one piece. */
export const wholeAnswer = (
  completion: unknown,
): {
  readonly text: string;
  readonly logprobs: readonly ServerLogprobs[];
  readonly finished: AnswerEvent & { kind: 'finished' };
} => {
  const choice = choiceOf(completion);
  const reason = reasonOf(choice?.['finish_reason']);
  if (reason === undefined) {
    throw new Fault('unavailable', 'The upstream server sent an answer without its end.');
  }
  const finished = { kind: 'finished', reason, usage: usageOf(completion) } as const;
  return { text: textOf(choice?.['message']), logprobs: serverLogprobsOf(choice), finished };
};

const parseChunk = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new Fault('unavailable', 'The upstream server sent an event that is not JSON.', {
      cause: error,
    });
  }
};

const choiceOf = (chunk: unknown): Readonly<Record<string, unknown>> | undefined => {
  const choices = isRecord(chunk) ? chunk['choices'] : undefined;
  const [first] = Array.isArray(choices) ? (choices as unknown[]) : [];
  return isRecord(first) ? first : undefined;
};

const textOf = (message: unknown): string => {
  const content = isRecord(message) ? message['content'] : undefined;
  return typeof content === 'string' ? content : '';
};

const usageOf = (chunk: unknown): UpstreamUsage | undefined => {
  const usage = isRecord(chunk) ? chunk['usage'] : undefined;
  if (!isRecord(usage)) return undefined;
  const promptTokens = usage['prompt_tokens'];
  const completionTokens = usage['completion_tokens'];
  const details = usage['prompt_tokens_details'];
  const cached = isRecord(details) ? details['cached_tokens'] : undefined;
  return isCount(promptTokens) && isCount(completionTokens)
    ? { promptTokens, completionTokens, cachedTokens: isCount(cached) ? cached : 0 }
    : undefined;
};

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && typeof value === 'number' && value >= 0 && value < 2 ** 32;

/** Undefined while the answer goes on. Faults for an end that is none: an abort, a tool call. */
const reasonOf = (reason: unknown): UpstreamReason | undefined => {
  if (reason === undefined || reason === null || reason === '') return undefined;
  if (reason === 'stop' || reason === 'length') return reason;
  const words = typeof reason === 'string' ? reason.slice(0, 40) : 'an unknown reason';
  throw new Fault('unavailable', `The upstream server gave its answer up: ${words}.`);
};
