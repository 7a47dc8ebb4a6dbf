import { parentPort, workerData } from 'node:worker_threads';
import { Fault, invariant } from '@isotherm/kernel';
import { createPeers } from '../../peers.ts';
import type { Payload } from '../payload.ts';
import { pullFar } from '../pull.ts';
import type { PullCall, PullReply, PullWorkerData } from './pull-calls.ts';

const port = parentPort;
invariant(port !== null, 'pull-worker runs inside a worker thread');
const { pullSilenceMs } = workerData as PullWorkerData;
const peers = createPeers(undefined, { pullSilenceMs });
const underWay = new Map<number, AbortController>();

const answer = (reply: PullReply, payload?: Payload): void => {
  const buffers = payload?.tensors.map(({ data }) => data.buffer as ArrayBuffer);
  port.postMessage(reply, [...new Set(buffers)]);
};

const pullOne = async (call: PullCall & { readonly kind: 'pull' }): Promise<void> => {
  const { number, address, leaseId, options } = call;
  const controller = new AbortController();
  underWay.set(number, controller);
  try {
    const { signal } = controller;
    const payload = await pullFar(peers, { address, leaseId }, { ...options, signal });
    answer({ kind: 'done', number, payload }, payload);
  } catch (error) {
    const { code, message } = Fault.from(error);
    answer({ kind: 'failed', number, code, message });
  } finally {
    underWay.delete(number);
  }
};

port.on('message', (call: PullCall) => {
  if (call.kind === 'pull') void pullOne(call);
  else underWay.get(call.number)?.abort();
});
