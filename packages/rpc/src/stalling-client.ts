// A client for the test of servers, in a thread of its own: it stands still with a stream open, then goes on.
import * as grpc from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { parentPort, workerData } from 'node:worker_threads';

const { address, stallMs } = workerData as { readonly address: string; readonly stallMs: number };
const Health = grpc.makeGenericClientConstructor(service, 'Health');
const client = new Health(address, grpc.credentials.createInsecure());
const watch = service['Watch'];
if (watch === undefined) throw new Error('The health service has a stream.');
const stream = client.makeServerStreamRequest(
  watch.path,
  watch.requestSerialize,
  watch.responseDeserialize,
  { service: '' },
);
if (parentPort === null) throw new Error('This file is run in a thread.');
const port = parentPort;
const tell = (what: string): void => port.postMessage(what);
let hasStalled = false;
stream.on('data', (message: { readonly status: string }) => {
  if (hasStalled) return tell(message.status);
  hasStalled = true;
  tell('stalls');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
  tell('goes on');
});
stream.on('error', ({ message }: Error) => tell(message));
