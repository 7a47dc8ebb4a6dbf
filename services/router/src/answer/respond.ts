import type { TextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { Logger } from '@isotherm/runtime';
import type { RouterSettings } from '../settings.ts';
import { admit } from './admit.ts';
import type { AdmittedRequest } from './admitted-request.ts';
import { answer } from './answer.ts';
import type { AnswerOptions, StageTime } from './flow.ts';
import type { ChatRequest } from './chat.ts';

export interface Finished {
  readonly kind: 'finished';
  readonly requestId: string;
  readonly model: string;
  readonly reason: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly imageTokens: number;
  readonly stages: readonly StageTime[];
  readonly migrations: number;
}

export type ResponseEvent = { readonly kind: 'text'; readonly text: string } | Finished;

/** A request that was admitted, and its answer as it is made. Not reading to the end cancels it. */
export interface OpenResponse {
  readonly request: AdmittedRequest;
  readonly events: AsyncGenerator<ResponseEvent, void, void>;
}

/** What both doors call: from a chat request to text. */
export interface Responder {
  /** Throws a Fault when the request cannot be admitted. `clientGone` aborts when nobody reads any more. */
  open(chat: ChatRequest, clientGone: AbortSignal): Promise<OpenResponse>;
  readonly model: TextModel;
  readonly inFlight: number;
  /** Admits no more. */
  drain(): void;
  /** Resolves when nothing is in flight. */
  idle(graceMs: number): Promise<void>;
}

export const createResponder = (
  model: TextModel,
  settings: RouterSettings,
  options: AnswerOptions,
  logger: Logger,
): Responder => {
  let inFlight = 0;
  let draining = false;
  let whenIdle: () => void = () => undefined;

  const enter = (): void => {
    if (draining) throw new Fault('unavailable', 'This router is shutting down.');
    if (inFlight >= settings.requestsMax) {
      throw new Fault('saturated', `The router handles ${settings.requestsMax} requests at once.`);
    }
    inFlight += 1;
  };
  const exit = (): void => {
    inFlight -= 1;
    if (inFlight === 0) whenIdle();
  };

  async function* respond(
    request: AdmittedRequest,
    clientGone: AbortSignal,
  ): AsyncGenerator<ResponseEvent, void, void> {
    const startMs = performance.now();
    const bound = boundedSignal(request.deadlineMs, clientGone);
    const log = logger.child({ request: request.id });
    const detokenizer = model.detokenizer();
    let firstMs: number | undefined;
    try {
      for await (const event of answer(request, options, bound.signal)) {
        firstMs ??= performance.now() - startMs;
        if (event.kind === 'token') {
          const text = detokenizer.push(event.token);
          if (text !== '') yield { kind: 'text', text };
          continue;
        }
        const rest = detokenizer.end();
        if (rest !== '') yield { kind: 'text', text: rest };
        const { reason, stages, completionTokens, migrations } = event;
        const imageTokens = request.images.reduce((sum, { tokens }) => sum + tokens, 0);
        const totalMs = performance.now() - startMs;
        log.info({ reason, firstMs, totalMs, completionTokens, migrations }, 'answered');
        yield {
          kind: 'finished',
          requestId: request.id,
          model: request.model,
          reason,
          promptTokens: request.tokenIds.length,
          completionTokens,
          imageTokens,
          stages,
          migrations,
        };
      }
    } catch (error) {
      const fault = Fault.from(error);
      if (fault.code === 'internal') log.error({ err: error }, 'request failed');
      else log.info({ code: fault.code }, 'request failed');
      throw fault;
    } finally {
      bound.release();
      exit();
    }
  }

  return {
    open: async (chat, clientGone) => {
      enter();
      try {
        const request = await admit(chat, model, settings);
        return { request, events: respond(request, clientGone) };
      } catch (error) {
        exit();
        throw Fault.from(error);
      }
    },
    model,
    get inFlight() {
      return inFlight;
    },
    drain: () => {
      draining = true;
    },
    idle: (graceMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
        if (inFlight === 0) whenIdle();
      }),
  };
};

/** One for all: every request ends by releasing its signal, and a Fault of its own would cost it a stack trace. */
const clientHasGone = new Fault('cancelled', 'The client has gone.');

/** Aborts at the deadline, when the client has gone, or when released (which harms nothing that has ended). */
const boundedSignal = (
  deadlineMs: number,
  clientGone: AbortSignal,
): { signal: AbortSignal; release: () => void } => {
  const controller = new AbortController();
  const expire = (): void =>
    controller.abort(new Fault('deadline_exceeded', 'The deadline of the request has passed.'));
  const leave = (): void => controller.abort(clientHasGone);
  const timer = setTimeout(expire, Math.max(0, Math.min(deadlineMs - Date.now(), 2 ** 31 - 1)));
  if (clientGone.aborted) leave();
  else clientGone.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      clientGone.removeEventListener('abort', leave);
      leave();
    },
  };
};
