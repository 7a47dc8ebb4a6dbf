/** Entry `@isotherm/engine/thread`: worker threads that answer calls, for work that would stall an event loop. */
export { createExpendableWorker, type ExpendableWorker } from './expendable-worker.ts';
export type { Calls } from './protocol.ts';
export { type Handlers, type Reply, serveCalls } from './serve-calls.ts';
export { workerModule } from './worker-client.ts';
