import { Worker } from 'node:worker_threads';
import { Fault } from '@isotherm/kernel';
import { abortFault } from './abort-fault.ts';
import { type CallMessage, type Calls, fromFaultRecord, type ReplyMessage } from './protocol.ts';

export interface CallOptions {
  /** Drops the call while it waits; a call that runs is left to finish and its result is dropped. */
  readonly signal?: AbortSignal | undefined;
  /** Buffers that move to the worker. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** A worker thread that answers calls one at a time; the rest wait here, where they can be cancelled. */
export interface WorkerClient<Served extends Calls> {
  call<Name extends keyof Served & string>(
    name: Name,
    request: Served[Name]['request'],
    options?: CallOptions,
  ): Promise<Served[Name]['response']>;
  /** Resolves with the reason when the thread dies by itself; stays open after `close`. */
  readonly failed: Promise<Fault>;
  /** Ends the thread; calls that wait or run are rejected with `unavailable`. */
  readonly close: () => Promise<void>;
}

/** Calls that may wait; more means that the caller ignores its own limits. */
const waitingMax = 1024;

interface Waiting {
  readonly message: CallMessage;
  readonly transfer: readonly ArrayBuffer[];
  readonly resolve: (response: unknown) => void;
  readonly reject: (fault: Fault) => void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly call: Waiting }
  | { readonly kind: 'dead'; readonly fault: Fault };

/** Starts a worker thread from a module of this package. */
export const startWorker = <Served extends Calls>(module: URL): WorkerClient<Served> => {
  const worker = new Worker(module, { name: module.pathname.split('/').at(-1) ?? 'engine' });
  const waiting: Waiting[] = [];
  let state: State = { kind: 'idle' };
  let nextId = 0;
  let reportFailure: (fault: Fault) => void = () => {};
  const failed = new Promise<Fault>((resolve) => {
    reportFailure = resolve;
  });

  const startNext = (): void => {
    if (state.kind !== 'idle') return;
    const call = waiting.shift();
    if (call === undefined) return;
    state = { kind: 'running', call };
    worker.postMessage(call.message, [...call.transfer]);
  };
  const die = (fault: Fault): void => {
    if (state.kind === 'dead') return;
    const pending = state.kind === 'running' ? [state.call, ...waiting] : [...waiting];
    state = { kind: 'dead', fault };
    waiting.length = 0;
    for (const call of pending) call.reject(fault);
  };
  const crash = (cause: unknown): void => {
    if (state.kind === 'dead') return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fault = new Fault('unavailable', `The engine's thread has died: ${reason}`, { cause });
    die(fault);
    reportFailure(fault);
  };
  worker.on('message', (reply: ReplyMessage) => {
    if (state.kind !== 'running' || state.call.message.id !== reply.id) return;
    const { call } = state;
    state = { kind: 'idle' };
    if (reply.kind === 'done') call.resolve(reply.response);
    else call.reject(fromFaultRecord(reply.fault));
    startNext();
  });
  worker.on('error', crash);
  worker.on('messageerror', crash);
  worker.on('exit', (code) => crash(new Error(`exit code ${code}`)));

  const enqueue = (name: string, request: unknown, options: CallOptions): Promise<unknown> => {
    const { signal } = options;
    if (state.kind === 'dead') return Promise.reject(state.fault);
    if (signal?.aborted) return Promise.reject(abortFault(signal));
    if (waiting.length >= waitingMax) {
      return Promise.reject(
        new Fault('saturated', `${waitingMax} calls already wait for the engine's thread.`),
      );
    }
    return new Promise((resolve, reject) => {
      const message: CallMessage = { id: nextId++, name, request };
      const settled = (): void => signal?.removeEventListener('abort', abandon);
      const call: Waiting = {
        message,
        transfer: options.transfer ?? [],
        resolve: (response) => (settled(), resolve(response)),
        reject: (fault) => (settled(), reject(fault)),
      };
      const abandon = (): void => {
        const index = waiting.indexOf(call);
        if (index >= 0) waiting.splice(index, 1);
        if (signal !== undefined) reject(abortFault(signal));
      };
      signal?.addEventListener('abort', abandon, { once: true });
      waiting.push(call);
      startNext();
    });
  };
  return {
    call: (name, request, options = {}) => enqueue(name, request, options),
    failed,
    close: async () => {
      die(new Fault('unavailable', 'The engine is closed.'));
      await worker.terminate();
    },
  };
};

/** URL of a worker's module beside the importing one, whether sources or the build are running. */
export const workerModule = (name: string, importingUrl: string): URL =>
  new URL(`./${name}${importingUrl.endsWith('.ts') ? '.ts' : '.js'}`, importingUrl);
