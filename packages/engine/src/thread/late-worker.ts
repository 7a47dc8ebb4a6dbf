import { deferred, Fault } from '@isotherm/kernel';
import type { Calls } from './protocol.ts';
import { startWorker, type WorkerClient } from './worker-client.ts';

/** A worker thread that starts with its first call. */
export type LateWorker<Served extends Calls> = Pick<
  WorkerClient<Served>,
  'call' | 'close' | 'failed'
>;

/** `prepare` brings the thread to where it can answer; the calls that wait for it reject with what it rejects with. */
export const createLateWorker = <Served extends Calls>(
  module: URL,
  prepare: (worker: WorkerClient<Served>) => Promise<void>,
): LateWorker<Served> => {
  const failed = deferred<Fault>();
  let starting: Promise<WorkerClient<Served>> | undefined;
  let closed = false;

  const start = async (): Promise<WorkerClient<Served>> => {
    const worker = startWorker<Served>(module);
    try {
      await prepare(worker);
    } catch (thrown) {
      starting = undefined;
      await worker.close();
      throw thrown;
    }
    void worker.failed.then((fault) => failed.resolve(fault));
    return worker;
  };

  return {
    call: async (name, request, options) => {
      if (closed) throw new Fault('unavailable', 'The engine is closed.');
      starting ??= start();
      const worker = await starting;
      return worker.call(name, request, options);
    },
    failed: failed.promise,
    close: async () => {
      closed = true;
      const worker = await starting?.catch(() => undefined);
      await worker?.close();
    },
  };
};
