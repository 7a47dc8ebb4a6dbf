import { Fault, timerMsUntil } from '@isotherm/kernel';

/** Ends the work of a request: at its deadline, when its client has gone, or when it is released before it has finished. */
export interface BoundedSignal {
  readonly signal: AbortSignal;
  /** Nothing of the work is left: there is nothing to end when this is released. */
  finish(): void;
  release(): void;
}

/** One for all: every request ends by releasing its signal, and a Fault of its own would cost it a stack trace. */
const clientHasGone = new Fault('cancelled', 'The client has gone.');

export const boundedSignal = (deadlineMs: number, clientGone: AbortSignal): BoundedSignal => {
  const controller = new AbortController();
  const expire = (): void =>
    controller.abort(new Fault('deadline_exceeded', 'The deadline of the request has passed.'));
  const leave = (): void => controller.abort(clientHasGone);
  const timer = setTimeout(expire, timerMsUntil(deadlineMs, Date.now()));
  let finished = false;
  if (clientGone.aborted) leave();
  else clientGone.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    finish: () => {
      finished = true;
    },
    release: () => {
      clearTimeout(timer);
      clientGone.removeEventListener('abort', leave);
      // An abort that nobody needs still makes and dispatches an event.
      if (!finished) leave();
    },
  };
};
