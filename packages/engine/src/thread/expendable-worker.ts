import { Fault } from '@isotherm/kernel';
import { abortFault } from './abort-fault.ts';
import type { Calls } from './protocol.ts';
import { type CallOptions, startWorker, type WorkerClient } from './worker-client.ts';

export interface ExpendableWorkerOptions<Served extends Calls> {
  readonly module: URL;
  /** Brings a fresh thread to where it can answer. */
  prepare(worker: WorkerClient<Served>): Promise<void>;
  /** Longest time of one call, in milliseconds. */
  readonly callMsMax: number;
  /** What a call is told whose thread was ended or has died: its input is what broke it. */
  readonly broken: string;
}

/**
 * A worker thread for code that an input may hang or crash: a call that takes too long ends the thread, and the next
 * call gets a fresh one. Calls run one at a time, and the time that one waits does not count. Only for threads without
 * native code, which must not be ended in the middle.
 */
export interface ExpendableWorker<Served extends Calls> {
  call<Name extends keyof Served & string>(
    name: Name,
    request: Served[Name]['request'],
    options?: CallOptions,
  ): Promise<Served[Name]['response']>;
  close(): Promise<void>;
}

/** The first thread starts with the first call, which rejects with what `prepare` rejects with. */
export const createExpendableWorker = <Served extends Calls>(
  options: ExpendableWorkerOptions<Served>,
): ExpendableWorker<Served> => {
  const fresh = async (): Promise<WorkerClient<Served>> => {
    const started = startWorker<Served>(options.module);
    try {
      await options.prepare(started);
      return started;
    } catch (thrown) {
      await started.close();
      throw thrown;
    }
  };
  let worker: WorkerClient<Served> | undefined;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  const run = async <Name extends keyof Served & string>(
    name: Name,
    request: Served[Name]['request'],
    { signal, transfer = [] }: CallOptions,
  ): Promise<Served[Name]['response']> => {
    if (closed) throw new Fault('unavailable', 'The engine is closed.');
    if (signal?.aborted) throw abortFault(signal);
    const current = (worker ??= await fresh());
    // The signal stays here: a call that is given up goes on, and its time is still watched.
    const outcome = await settledWithin(
      options.callMsMax,
      current.call(name, request, { transfer }),
    );
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'failed' && current.alive) throw outcome.error;
    worker = undefined;
    await current.kill();
    throw new Fault('invalid_argument', options.broken);
  };

  return {
    call: (name, request, callOptions = {}) => {
      const turn = last.then(() => run(name, request, callOptions));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      closed = true;
      // A thread that is just starting is waited for, and then closed.
      await last;
      await worker?.close();
    },
  };
};

type Settled<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: Fault }
  | { readonly kind: 'late' };

const settledWithin = async <Value>(
  waitMs: number,
  promise: Promise<Value>,
): Promise<Settled<Value>> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Settled<Value>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'late' }), waitMs);
  });
  const settled = promise.then(
    (value): Settled<Value> => ({ kind: 'done', value }),
    (thrown: unknown): Settled<Value> => ({
      kind: 'failed',
      error: Fault.from(thrown),
    }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
};
