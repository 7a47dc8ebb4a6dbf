import { Fault } from '@isotherm/kernel';
import type { Handle } from '@isotherm/proto';
import type { AdmittedRequest } from './admitted-request.ts';
import type { AnswerToken } from './answer-text.ts';
import { decodeTokens } from './decode-tokens.ts';
import { encodeMedia } from './encode-media.ts';
import {
  type AnswerOptions,
  asClientFault,
  createFlow,
  type Flow,
  type StageTime,
  waitToRetry,
} from './flow.ts';
import { prefillPrompt } from './prefill-prompt.ts';

export type AnswerEvent =
  | {
      readonly kind: 'tokens';
      /** Those that came together. */
      readonly tokens: readonly AnswerToken[];
    }
  | {
      readonly kind: 'finished';
      readonly reason: 'stop' | 'length';
      readonly stages: readonly StageTime[];
      readonly completionTokens: number;
      readonly migrations: number;
    };

/**
 * The path of one request: encode all media at once, prefill when their embeddings are ready, decode when the prompt
 * is done. When a decode instance is lost, prompt plus tokens already sent are prefilled elsewhere and the answer goes
 * on where it stopped. Every lease is released however the answer ends; aborting the signal cancels the work. So does
 * aborting `enough`, when the text has ended before its tokens: that answer has finished.
 */
export async function* answer(
  request: AdmittedRequest,
  options: AnswerOptions,
  signal: AbortSignal,
  enough: AbortSignal,
): AsyncGenerator<AnswerEvent, void, void> {
  const flow = createFlow(request, options);
  const { generated } = flow;
  /** A KV cache whose lease nobody has ended yet: decode ends it by pulling. */
  let kept: Handle | null = null;
  try {
    let embeddings = await encodeMedia(flow, signal);
    options.encoded?.();
    for (;;) {
      const first = await prefillPrompt(flow, embeddings, signal);
      embeddings = first.embeddings;
      const { token, endOfText, kvCache } = first.prefilled;
      kept = kvCache;
      if (endOfText) return yield finished(flow, 'stop');
      generated.push(token);
      yield { kind: 'tokens', tokens: [first.prefilled] };
      if (enough.aborted) return yield finished(flow, 'stop');
      if (kvCache === null) throw new Fault('internal', 'Prefill gave no KV cache.');
      if (generated.length >= request.tokensMax) return yield finished(flow, 'length');
      const decoding = decodeTokens(flow, kvCache, signal, enough);
      let step = await decoding.next();
      for (; step.done !== true; step = await decoding.next()) {
        yield { kind: 'tokens', tokens: step.value };
      }
      // A lost decode instance may have died before it pulled; releasing twice harms nothing.
      if (step.value.kind === 'lost') flow.releaser.release(kvCache);
      kept = null;
      if (step.value.kind === 'finished') return yield finished(flow, step.value.reason);
      await countMove(flow, step.value.fault, signal);
      flow.records
        .of(request.id)
        .note('migrated', { code: step.value.fault.code, tokensSoFar: generated.length });
    }
  } finally {
    if (kept !== null) flow.releaser.release(kept);
    for (const handle of flow.held) flow.releaser.release(handle);
    flow.store.releaseRequest(request.id);
  }
}

/**
 * Whether decoding may begin once more. Making room for others is no failure of the request and has a bound of its own.
 * Waits before it does, or throws the fault where the bound is reached.
 */
const countMove = async (flow: Flow, fault: Fault, signal: AbortSignal): Promise<void> => {
  const { moves, preemptionsMax } = flow;
  if (fault.code === 'preempted') {
    moves.preempted += 1;
    if (moves.preempted > preemptionsMax) throw asClientFault(fault);
    return;
  }
  moves.lost += 1;
  await waitToRetry(flow, moves.lost, asClientFault(fault), signal);
};

const finished = (flow: Flow, reason: 'stop' | 'length'): AnswerEvent => ({
  kind: 'finished',
  reason,
  stages: flow.stages,
  completionTokens: flow.generated.length,
  migrations: flow.moves.lost + flow.moves.preempted,
});
