import { parentPort } from 'node:worker_threads';
import { invariant } from '@isotherm/kernel';
import { type Calls, type CallMessage, type ReplyMessage, toFaultRecord } from './protocol.ts';
import { stepBack } from './step-back.ts';

/** What a handler gives back; the buffers in `transfer` move to the host instead of being copied. */
export interface Reply<Response> {
  readonly response: Response;
  readonly transfer?: readonly ArrayBuffer[];
}

export type Handlers<Served extends Calls> = {
  readonly [Name in keyof Served]: (
    request: Served[Name]['request'],
  ) => Promise<Reply<Served[Name]['response']>> | Reply<Served[Name]['response']>;
};

/**
 * Answers the host's calls, one after the other in the order in which they come. To be called once in a worker. `spare` is
 * called when no call waits, after each answer and then as long as it says true; a call that comes meanwhile is next. It
 * must not throw.
 */
export const serveCalls = <Served extends Calls>(
  handlers: Handlers<Served>,
  spare?: () => Promise<boolean>,
): void => {
  const port = parentPort;
  invariant(port !== null, 'serveCalls runs inside a worker thread');
  stepBack();
  let last: Promise<void> = Promise.resolve();
  const answer = async ({ id, name, request }: CallMessage): Promise<void> => {
    try {
      const handler = handlers[name];
      invariant(handler !== undefined, `worker has no call ${name}`);
      const { response, transfer } = await handler(request);
      const reply: ReplyMessage = { kind: 'done', id, response };
      port.postMessage(reply, transfer === undefined ? [] : [...new Set(transfer)]);
    } catch (thrown) {
      const reply: ReplyMessage = { kind: 'failed', id, fault: toFaultRecord(thrown) };
      port.postMessage(reply);
    }
  };
  let unanswered = 0;
  let sparing = false;
  const useSpareTime = (): void => {
    if (spare === undefined || sparing) return;
    sparing = true;
    // A turn of the event loop lets a call that has come go first.
    setImmediate(() => {
      sparing = false;
      if (unanswered > 0) return;
      last = last.then(async () => {
        if (await spare()) useSpareTime();
      });
    });
  };
  port.on('message', (message: CallMessage) => {
    unanswered += 1;
    last = last
      .then(() => answer(message))
      .then(() => {
        unanswered -= 1;
        useSpareTime();
      });
  });
};
