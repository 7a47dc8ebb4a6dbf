import { setTimeout as delay } from 'node:timers/promises';
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

export interface HeardOptions<Response> extends CallOptions {
  /** Called with the answer even if the caller has left meanwhile: for what the thread says of itself. */
  readonly heard?: (response: Response) => void;
}

/** Calls that may wait; more means that the caller ignores its own limits. */
const waitingMax = 1024;

/**
 * How long `close` waits for the running call. Ending a thread inside native code aborts the whole process, so that is
 * left for a call that hangs.
 */
const closeGraceMs = 30_000;

interface PendingCall {
  readonly message: CallMessage;
  readonly transfer: readonly ArrayBuffer[];
  /** Of an answer, whether or not anyone still waits for it. */
  readonly resolve: (response: unknown) => void;
  readonly reject: (fault: Fault) => void;
}

type State = { readonly kind: 'open' } | { readonly kind: 'dead'; readonly fault: Fault };

/** A promise that is settled from outside. */
interface Signalled<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

const signalled = <Value>(): Signalled<Value> => {
  let settle: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
};

/**
 * The graph runtime (onnxruntime 1.29 and later) reports on its users to its maker and keeps a device id in the home
 * folder unless this is set before it loads. It reads the real environment, which only the main thread writes.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

/**
 * A worker thread that answers calls one at a time; the rest wait here, where they can be cancelled. When the thread
 * dies, every call is rejected with `unavailable`.
 */
export class WorkerClient<Served extends Calls> {
  readonly #worker: Worker;
  readonly #waiting: PendingCall[] = [];
  readonly #failed = signalled<Fault>();
  #state: State = { kind: 'open' };
  #nextId = 0;
  /** The call that the thread has not answered yet. */
  #running: PendingCall | undefined;
  #idle = signalled<void>();

  constructor(module: URL) {
    this.#worker = new Worker(module, { name: module.pathname.split('/').at(-1) ?? 'engine' });
    this.#worker.on('message', (reply: ReplyMessage) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#crash(cause));
    this.#worker.on('messageerror', (cause) => this.#crash(cause));
    this.#worker.on('exit', (code) => {
      this.#idle.resolve();
      this.#crash(new Error(`exit code ${code}`));
    });
  }

  /** Resolves with the reason when the thread dies by itself; stays open after `close`. */
  get failed(): Promise<Fault> {
    return this.#failed.promise;
  }

  /** Whether the thread answers: it has neither died nor been closed. */
  get alive(): boolean {
    return this.#state.kind === 'open';
  }

  /** Rejects with the handler's fault, `cancelled`, `saturated` when too many calls wait, or `unavailable`. */
  call<Name extends keyof Served & string>(
    name: Name,
    request: Served[Name]['request'],
    options: HeardOptions<Served[Name]['response']> = {},
  ): Promise<Served[Name]['response']> {
    const { signal, transfer = [], heard } = options;
    if (this.#state.kind === 'dead') return Promise.reject(this.#state.fault);
    if (signal?.aborted) return Promise.reject(abortFault(signal));
    if (this.#waiting.length >= waitingMax) {
      const message = `${waitingMax} calls already wait for the engine's thread.`;
      return Promise.reject(new Fault('saturated', message));
    }
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        const index = this.#waiting.indexOf(call);
        if (index >= 0) this.#waiting.splice(index, 1);
        if (signal !== undefined) reject(abortFault(signal));
      };
      const settled = (): void => signal?.removeEventListener('abort', abandon);
      const call: PendingCall = {
        message: { id: this.#nextId++, name, request },
        transfer,
        resolve: (response) => {
          settled();
          heard?.(response);
          resolve(response);
        },
        reject: (fault) => {
          settled();
          reject(fault);
        },
      };
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiting.push(call);
      this.#startNext();
    });
  }

  /** Rejects calls that wait or run with `unavailable`, and ends the thread when the running one is through. */
  async close(): Promise<void> {
    this.#die(new Fault('unavailable', 'The engine is closed.'));
    if (this.#running !== undefined) await this.#grace();
    await this.#worker.terminate();
  }

  /** Ends the thread at once, in the middle of its call: only for a thread that runs no native code. */
  async kill(): Promise<void> {
    this.#die(new Fault('unavailable', 'The thread was ended.'));
    await this.#worker.terminate();
  }

  async #grace(): Promise<void> {
    const waited = new AbortController();
    const timeout = delay(closeGraceMs, undefined, { signal: waited.signal, ref: false });
    await Promise.race([this.#idle.promise, timeout.catch(() => undefined)]);
    waited.abort();
  }

  #startNext(): void {
    if (this.#state.kind === 'dead' || this.#running !== undefined) return;
    const call = this.#waiting.shift();
    if (call === undefined) return;
    try {
      this.#worker.postMessage(call.message, [...call.transfer]);
      this.#running = call;
    } catch (cause) {
      call.reject(new Fault('internal', 'The call cannot be handed to the thread.', { cause }));
      this.#startNext();
    }
  }

  #settle(reply: ReplyMessage): void {
    const call = this.#running;
    if (call?.message.id !== reply.id) return;
    this.#running = undefined;
    if (reply.kind === 'done') call.resolve(reply.response);
    else call.reject(fromFaultRecord(reply.fault));
    if (this.#state.kind === 'dead') this.#idle.resolve();
    this.#startNext();
  }

  #crash(cause: unknown): void {
    if (this.#state.kind === 'dead') return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const fault = new Fault('unavailable', `The engine's thread has died: ${reason}`, { cause });
    this.#die(fault);
    this.#failed.resolve(fault);
  }

  #die(fault: Fault): void {
    if (this.#state.kind === 'dead') return;
    this.#state = { kind: 'dead', fault };
    this.#running?.reject(fault);
    for (const call of this.#waiting.splice(0)) call.reject(fault);
  }
}

/** Starts a worker thread from a module of this package. */
export const startWorker = <Served extends Calls>(module: URL): WorkerClient<Served> =>
  new WorkerClient<Served>(module);

/** URL of a worker's module beside the importing one, whether sources or the build are running. */
export const workerModule = (name: string, importingUrl: string): URL =>
  new URL(`./${name}${importingUrl.endsWith('.ts') ? '.ts' : '.js'}`, importingUrl);
