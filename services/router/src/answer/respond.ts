import { randomUUID } from 'node:crypto';
import type { Modality, TextModel } from '@isotherm/engine/text';
import { Fault, type RequestId, requestId } from '@isotherm/kernel';
import type { Logger } from '@isotherm/runtime';
import type { Admission } from '../admission/admission.ts';
import type { Asking } from '../admission/gate-options.ts';
import type { Ticket } from '../admission/ticket.ts';
import type { NoteFacts, NoteKind } from '../record/note.ts';
import type { RouterSettings } from '../settings.ts';
import { admit } from './admit.ts';
import { type AdmittedConversation, admitConversation } from './admit-conversation.ts';
import type { AdmittedRequest } from './admitted-request.ts';
import { answer } from './answer.ts';
import { askFor, askForConversation, bytesOfChat } from './ask-admission.ts';
import { type AnswerPiece, createAnswerText } from './answer-text.ts';
import { type BoundedSignal, boundedSignal } from './bounded-signal.ts';
import type { AnswerOptions, StageTime } from './flow.ts';
import type { ChatRequest } from './chat.ts';
import { countTokens, type TokenCount } from './count-tokens.ts';
import type { Models } from './models.ts';
import { respondConversation } from './respond-conversation.ts';
import { createSizeTurns } from './size-turn.ts';

export interface Finished {
  readonly kind: 'finished';
  readonly requestId: string;
  readonly model: string;
  readonly reason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly mediaTokens: Readonly<Record<Modality, number>>;
  /** Who counted: this router, or the server that answered; else nobody, and they are guessed by length. */
  readonly tokenCounts: 'exact' | 'reported' | 'estimated';
  /** Tokens of the prompt whose KV cache an earlier prompt had left. */
  readonly cachedTokens: number;
  readonly stages: readonly StageTime[];
  readonly migrations: number;
}

export type ResponseEvent = ({ readonly kind: 'text' } & AnswerPiece) | Finished;

/** A request that was admitted, and its answer as it is made. Not reading to the end cancels it. */
export interface OpenResponse {
  readonly request: { readonly model: string };
  readonly events: AsyncGenerator<ResponseEvent, void, void>;
  /** Aborts at the deadline and when the client has gone: whoever waits for a slow reader waits on it. */
  readonly signal: AbortSignal;
}

/** One request in hand, from before its body is read to its last byte. */
export interface Handling {
  readonly id: RequestId;
  /** Its size is known before it is parsed, in bytes: a large one waits for its turn. Throws when the client leaves. */
  sized(bytes: number): Promise<void>;
  /** Another fabric has answered it. */
  passedOn(): void;
  /** Throws a Fault when the request cannot be admitted. Once a request. */
  open(chat: ChatRequest): Promise<OpenResponse>;
  /** Counts a conversation and runs nothing. Throws a Fault where it could not be admitted. */
  count(chat: Pick<ChatRequest, 'model' | 'messages'>): Promise<TokenCount>;
}

/** What both doors call: from a chat request to text. */
export interface Responder {
  /**
   * Takes one request in hand and serves it. Throws a Fault at once when there is no room or the router is draining,
   * and whatever `serve` throws; every failure is logged here under the request's id.
   */
  handle(clientGone: AbortSignal, serve: (handling: Handling) => Promise<void>): Promise<void>;
  readonly models: Models;
  readonly inFlight: number;
  readonly draining: boolean;
  /** Takes no more. */
  drain(): void;
  /** Resolves when nothing is in flight, or when the grace is over. */
  idle(graceMs: number): Promise<void>;
}

export const createResponder = (
  models: Models,
  settings: RouterSettings,
  options: AnswerOptions,
  admission: Admission,
  logger: Logger,
): Responder => {
  const sizeTurn = createSizeTurns(settings);
  const inHand = createInHand(settings.requestsMax);
  let draining = false;

  return {
    handle: async (clientGone, serve) => {
      if (draining) throw new Fault('unavailable', 'This router is shutting down.');
      inHand.enter();
      const id = requestId(randomUUID());
      const log = logger.child({ request: id });
      const record = options.records.open(id);
      let bound: BoundedSignal | undefined;
      let ticket: Ticket | undefined;
      const size = sizeTurn();
      const note = (kind: NoteKind, facts: NoteFacts): void => {
        // Who waits for room in the fleet does not keep others from being read.
        if (kind === 'queued') size.passed();
        record.note(kind, facts);
      };
      const own = { ...options, handedOver: size.passed };
      try {
        await serve({
          id,
          sized: (bytes) => size.sized(bytes, clientGone),
          passedOn: () => record.note('passed_on', {}),
          count: (chat) => countTokens(chat, models, settings, options.makePrompt),
          open: async (chat) => {
            await size.sized(bytesOfChat(chat), clientGone);
            const choice = models.choose(chat.model);
            if (choice.kind === 'upstream') {
              const request = await admitConversation(id, chat, choice, settings);
              bound = boundedSignal(request.deadlineMs, clientGone);
              const { signal } = bound;
              const asked = { ...askForConversation(chat, request), note };
              ticket = await admission.enter(asked, signal);
              record.note('admitted', {
                ...factsOfConversation(request),
                ...turnOf(asked, ticket),
              });
              const events = respondConversation(request, own, ticket, bound, log);
              return { request, signal, events };
            }
            const { model } = choice;
            const request = await admit(id, chat, model, settings, options.makePrompt, clientGone);
            bound = boundedSignal(request.deadlineMs, clientGone);
            const { signal } = bound;
            const asked = { ...askFor(chat, request), note };
            const { encoded } = (ticket = await admission.enter(asked, signal));
            record.note('admitted', { ...factsOf(request), ...turnOf(asked, ticket) });
            const flow = { ...own, encoded };
            const events = respond(request, model, flow, ticket, bound, log);
            return { request, signal, events };
          },
        });
      } catch (error) {
        const fault = Fault.from(error);
        record.note('failed', failureFacts(fault));
        if (fault.code === 'internal') log.error({ err: error }, 'request failed');
        else log.info({ code: fault.code, param: fault.param }, 'request failed');
        throw fault;
      } finally {
        size.release();
        bound?.release();
        ticket?.release();
        inHand.exit();
      }
    },
    models,
    get inFlight() {
      return inHand.count;
    },
    get draining() {
      return draining;
    },
    drain: () => {
      draining = true;
    },
    idle: inHand.idle,
  };
};

/** Counts the requests in hand. */
const createInHand = (requestsMax: number) => {
  let count = 0;
  let whenIdle = (): void => undefined;
  return {
    /** Throws a Fault where there are as many as there may be. */
    enter: (): void => {
      if (count >= requestsMax) {
        throw new Fault('saturated', `The router handles ${requestsMax} requests at once.`);
      }
      count += 1;
    },
    exit: (): void => {
      count -= 1;
      if (count === 0) whenIdle();
    },
    get count() {
      return count;
    },
    idle: (graceMs: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
        if (count === 0) whenIdle();
      }),
  };
};

/** Tokens to text, and the account at the end. */
async function* respond(
  request: AdmittedRequest,
  model: TextModel,
  options: AnswerOptions,
  ticket: Ticket,
  bound: BoundedSignal,
  log: Logger,
): AsyncGenerator<ResponseEvent, void, void> {
  const startMs = performance.now();
  const answerText = createAnswerText(model, request.stop);
  const enough = new AbortController();
  let firstMs: number | undefined;
  for await (const event of answer(request, options, bound.signal, enough.signal)) {
    firstMs ??= performance.now() - startMs;
    ticket.firstToken();
    if (event.kind === 'tokens') {
      const { stopped, ...piece } = answerText.push(event.tokens);
      if (stopped) enough.abort(stopStringCame);
      if (!isEmpty(piece)) yield { kind: 'text', ...piece };
      continue;
    }
    const rest = enough.signal.aborted ? nothing : answerText.end();
    if (!isEmpty(rest)) yield { kind: 'text', ...rest };
    const { kind, reason, stages, completionTokens, migrations } = event;
    bound.finish();
    ticket.finished(event);
    const totalMs = performance.now() - startMs;
    options.records
      .of(request.id)
      .note('finished', { reason, firstMs, totalMs, completionTokens, migrations });
    log.info({ reason, firstMs, totalMs, completionTokens, migrations }, 'answered');
    yield {
      kind,
      requestId: request.id,
      model: request.model,
      reason,
      promptTokens: request.tokenIds.length,
      completionTokens,
      mediaTokens: mediaTokensOf(request),
      tokenCounts: 'exact',
      cachedTokens: cachedTokensOf(stages),
      stages,
      migrations,
    };
  }
}

/** Whose it is, and how long it waited for its turn. */
const turnOf = ({ tenant, sloClass }: Pick<Asking, 'tenant' | 'sloClass'>, ticket: Ticket) => ({
  ...{ tenant, sloClass },
  waitedMs: ticket.waitedMs,
});

/** Counts and bounds of a request, for its record: nothing of what it says. */
const factsOf = (request: AdmittedRequest): NoteFacts => ({
  model: request.model,
  promptTokens: request.tokenIds.length,
  media: request.media.length,
  mediaTokens: request.media.reduce((sum, { tokens }) => sum + tokens, 0),
  answerTokensMax: request.tokensMax,
  deadlineMs: request.deadlineMs,
});

const factsOfConversation = ({ model, path, estimate, deadlineMs }: AdmittedConversation) => ({
  ...{ model, path, deadlineMs },
  promptTokensEstimated: estimate.text + estimate.media,
  answerTokensMax: estimate.answerMax,
});

const failureFacts = ({ code, param }: Fault): NoteFacts => ({
  code,
  ...(param !== undefined && { param }),
});

/** Of the first run of the prompt: one that is repeated after a migration finds what it left itself. */
const cachedTokensOf = (stages: readonly StageTime[]): number =>
  stages.find(({ stage }) => stage === 'prefill')?.timing?.cachedTokens ?? 0;

const mediaTokensOf = ({ media }: AdmittedRequest): Readonly<Record<Modality, number>> => {
  const sums: Record<Modality, number> = { image: 0, audio: 0, video: 0 };
  for (const { modality, tokens } of media) sums[modality] += tokens;
  return sums;
};

const nothing: AnswerPiece = { text: '', logprobs: [] };

const isEmpty = ({ text, logprobs }: AnswerPiece): boolean => text === '' && logprobs.length === 0;

/** Ends the work of an answer that is complete. */
const stopStringCame = new Fault('cancelled', 'A stop string has ended the text.');
