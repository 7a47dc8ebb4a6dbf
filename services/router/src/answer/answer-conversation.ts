import { tensorsOfConversation } from '@isotherm/engine/upstream';
import { Fault, faultTable } from '@isotherm/kernel';
import { stageTokens } from '@isotherm/policy';
import type { Answered, Handle } from '@isotherm/proto';
import type { StageEvent } from '../fleet/stage-event.ts';
import type { LeasedPayload } from '../jobs/jobs-ahead.ts';
import type { AdmittedConversation } from './admit-conversation.ts';
import { pieceOf } from './answer-piece.ts';
import type { AnswerPiece } from './answer-text.ts';
import {
  type AnswerOptions,
  asClientFault,
  envelope,
  keep,
  type StageTime,
  waitToRetry,
} from './flow.ts';
import { createTokenQueue, type TokenQueue } from './token-queue.ts';

export type ConversationEvent =
  | ({ readonly kind: 'text' } & AnswerPiece)
  | {
      readonly kind: 'finished';
      readonly answered: Answered;
      readonly stages: readonly StageTime[];
    };

interface ConversationFlow extends AnswerOptions {
  readonly request: AdmittedConversation;
  readonly stages: StageTime[];
  readonly conversation: Handle;
  readonly leased: LeasedPayload;
  /** Characters of the answer that the client has. */
  readonly sent: { characters: number };
}

/**
 * The path of a request that a server answers: by one alone, or by a pair of which one runs the
 * prompt and the other goes on from its KV cache. Until the first piece of text it is tried
 * elsewhere when a server fails; from then on that ends it, since no other server can go on in the
 * middle of a text.
 */
export async function* answerConversation(
  request: AdmittedConversation,
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent, void, void> {
  const base = { ...options, request };
  const tensors = tensorsOfConversation(request.conversation);
  const { handle: conversation, leased } = keep(base, { tensors, attributes: {} });
  const flow: ConversationFlow = {
    ...base,
    conversation,
    leased,
    stages: [],
    sent: { characters: 0 },
  };
  try {
    const events =
      request.path === 'whole'
        ? streamed(flow, 'whole', flow.attemptsMax, {}, signal)
        : answerByPair(flow, signal);
    // Not `yield*`, which awaits each value three times over.
    for await (const event of events) yield event;
  } catch (error) {
    const fault = Fault.from(error);
    const { characters } = flow.sent;
    if (characters === 0 || signal.aborted || !faultTable[fault.code].retryable) {
      throw asClientFault(fault);
    }
    throw new Fault(
      'unavailable',
      `The answer broke off after ${characters} characters and cannot be continued: ` +
        fault.message,
      { cause: fault },
    );
  } finally {
    options.store.releaseRequest(request.id);
  }
}

/** Blocks that were handed over are read once: a decode that fails before its text needs new ones. */
async function* answerByPair(
  flow: ConversationFlow,
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent, void, void> {
  for (let tries = 1; ; tries++) {
    const prefilled = await prefill(flow, signal);
    if (prefilled.kind === 'answered') {
      for (const piece of prefilled.pieces) yield { kind: 'text', ...piece };
      yield { kind: 'finished', answered: prefilled.answered, stages: flow.stages };
      return;
    }
    const { handedOver } = prefilled;
    let pulled = false;
    let failed: Fault;
    try {
      yield* streamed(flow, 'decode', 1, { handedOver }, signal);
      pulled = true;
      return;
    } catch (error) {
      const fault = Fault.from(error);
      const final = signal.aborted || flow.sent.characters > 0;
      if (final || !faultTable[fault.code].retryable) throw fault;
      failed = fault;
    } finally {
      // A decode instance that failed may never have pulled it; releasing twice harms nothing.
      if (!pulled) flow.releaser.release(handedOver);
    }
    await waitToRetry(flow, tries, failed, signal);
  }
}

type Prefilled =
  | { readonly kind: 'handedOver'; readonly handedOver: Handle }
  | {
      readonly kind: 'answered';
      readonly pieces: readonly AnswerPiece[];
      readonly answered: Answered;
    };

const prefill = async (flow: ConversationFlow, signal: AbortSignal): Promise<Prefilled> => {
  const pieces: AnswerPiece[] = [];
  const hear = (event: StageEvent): Prefilled | undefined => {
    if (event.kind === 'text') pieces.push(pieceOf(event.value));
    if (event.kind === 'answered') return { kind: 'answered', pieces, answered: event.value };
    if (event.kind !== 'handedOver' || event.value.params === null) return undefined;
    timing = event.value.timing;
    return { kind: 'handedOver', handedOver: event.value.params };
  };
  let timing: StageTime['timing'] = null;
  const work = workOf(flow, 'prefill', flow.attemptsMax, {});
  const { result, instance, totalMs } = await flow.desk.run<Prefilled>({ ...work, hear }, signal);
  if (result.kind === 'answered') ({ timing } = result.answered);
  flow.stages.push({ stage: 'prefill', instance, totalMs, tokens: work.tokens, timing });
  return result;
};

/** Runs one job that streams text; yields the text as it comes, and the end. */
async function* streamed(
  flow: ConversationFlow,
  stage: 'whole' | 'decode',
  attemptsMax: number,
  fields: { readonly handedOver?: Handle },
  signal: AbortSignal,
): AsyncGenerator<ConversationEvent, void, void> {
  const queue: TokenQueue<AnswerPiece> = createTokenQueue();
  const work = workOf(flow, stage, attemptsMax, fields);
  let begun = false;
  const running = flow.desk.run<Answered>(
    {
      ...work,
      begun: () => begun,
      hear: (event) => {
        if (event.kind === 'text') {
          begun = true;
          queue.push(pieceOf(event.value));
        }
        return event.kind === 'answered' ? event.value : undefined;
      },
    },
    signal,
  );
  const end = (): void => queue.end();
  running.then(end, end);
  for await (const pieces of queue) {
    const text = pieces.map((piece) => piece.text).join('');
    flow.sent.characters += text.length;
    yield { kind: 'text', text, logprobs: pieces.flatMap(({ logprobs }) => logprobs) };
  }
  const { result: answered, instance, totalMs } = await running;
  const { timing } = answered;
  flow.stages.push({ stage, instance, totalMs, tokens: work.tokens, timing });
  yield { kind: 'finished', answered, stages: flow.stages };
}

const workOf = (
  flow: ConversationFlow,
  stage: 'whole' | 'prefill' | 'decode',
  attemptsMax: number,
  fields: { readonly handedOver?: Handle },
) => {
  const tokens = stageTokens(stage, 'decoder-only', flow.request.estimate);
  return {
    ...{ stage, attemptsMax, tokens },
    takes: 'conversation' as const,
    requestId: flow.request.id,
    model: flow.request.model,
    deadlineMs: flow.request.deadlineMs,
    // Whether it fits, only the server can tell: it has the tokenizer.
    contextTokens: 0,
    payloads: [flow.leased],
    command: (jobId: string) => ({
      ...envelope(flow, jobId),
      conversation: flow.conversation,
      tokens,
      ...fields,
    }),
  };
};
