import type { Logger } from '@isotherm/runtime';
import type { Ticket } from '../admission/ticket.ts';
import { type AdmittedConversation, estimateTextTokens } from './admit-conversation.ts';
import { answerConversation } from './answer-conversation.ts';
import type { BoundedSignal } from './bounded-signal.ts';
import type { AnswerOptions } from './flow.ts';

/** The text of a server as it comes, and the account at the end: in the server's counts where it gave any. */
export async function* respondConversation(
  request: AdmittedConversation,
  options: AnswerOptions,
  ticket: Ticket,
  bound: BoundedSignal,
  log: Logger,
) {
  const startMs = performance.now();
  let firstMs: number | undefined;
  let answerTokens = 0;
  for await (const event of answerConversation(request, options, bound.signal)) {
    firstMs ??= performance.now() - startMs;
    ticket.firstToken();
    if (event.kind === 'text') {
      answerTokens += estimateTextTokens(event.text);
      yield event;
      continue;
    }
    const { answered, stages } = event;
    const { usage } = answered;
    const reason: 'length' | 'stop' = answered.finishReason === 'length' ? 'length' : 'stop';
    const completionTokens = usage?.completionTokens ?? answerTokens;
    const totalMs = performance.now() - startMs;
    bound.finish();
    ticket.finished({ stages, completionTokens });
    options.records.of(request.id).note('finished', { reason, firstMs, totalMs, completionTokens });
    log.info({ reason, firstMs, totalMs, completionTokens }, 'answered');
    yield {
      kind: 'finished' as const,
      requestId: request.id,
      model: request.model,
      reason,
      promptTokens: usage?.promptTokens ?? request.estimate.text + request.estimate.media,
      completionTokens,
      // Servers count media among the prompt's tokens and do not tell them apart.
      mediaTokens: { image: 0, audio: 0, video: 0 },
      cachedTokens: usage?.cachedTokens ?? 0,
      tokenCounts: usage === null ? ('estimated' as const) : ('reported' as const),
      stages,
      migrations: 0,
    };
  }
}
