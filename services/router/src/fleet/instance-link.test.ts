import { createRequire } from 'node:module';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { instanceId } from '@isotherm/kernel';
import type { InstanceRecord } from '@isotherm/lanes';
import { createPeers, type Peers } from '@isotherm/rpc';
import { openLink } from './instance-link.ts';
import type { LastingStream } from './lasting-stream.ts';

const silenceMs = 400;
const eventsEveryMs = 20;
const stallMs = 900;

const moduleUrl = (name: string): string =>
  pathToFileURL(createRequire(import.meta.url).resolve(name)).href;

/** An instance on a thread of its own, which goes on speaking while the router's thread stands still. */
const speaker = `
  const { parentPort, workerData } = require('node:worker_threads');
  const main = async () => {
    const grpc = await import(workerData.grpc);
    const { protos } = await import(workerData.rpc);
    const server = new grpc.Server();
    let speaking = true;
    parentPort.on('message', () => { speaking = false; });
    const watch = (call) => {
      const speak = () => { if (speaking) call.write({ events: [{ accepted: { jobId: 'a' } }] }); };
      const timer = setInterval(speak, workerData.eventsEveryMs);
      call.on('cancelled', () => clearInterval(timer));
    };
    server.addService(protos.isotherm.encoder.v1.EncoderService.service, { watch });
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => parentPort.postMessage(port));
  };
  main();
`;

const recordOf = (address: string): InstanceRecord => ({
  id: instanceId('speaker'),
  stage: 'encode',
  model: 'm',
  address,
  capacity: 1,
  contextMax: 0,
  startedMs: 0,
  state: 'serving',
});

describe('openLink', () => {
  let instance: Worker;
  let peers: Peers;
  let link: LastingStream;
  let events = 0;
  let breaks: string[];

  beforeEach(async () => {
    const modules = { grpc: moduleUrl('@grpc/grpc-js'), rpc: moduleUrl('@isotherm/rpc') };
    instance = new Worker(speaker, { eval: true, workerData: { ...modules, eventsEveryMs } });
    const [port]: number[] = await once(instance, 'message');
    peers = createPeers();
    events = 0;
    breaks = [];
    link = openLink(
      recordOf(`127.0.0.1:${port}`),
      { routerId: 'r', peers, silenceMs },
      {
        opened: () => undefined,
        heard: () => {
          events += 1;
        },
        broke: (reason) => breaks.push(reason),
      },
    );
    while (events < 3) await delay(5);
  });
  afterEach(async () => {
    link.close();
    peers.close();
    await instance.terminate();
  });

  it('does not take its own stall for the silence of the instance', async () => {
    for (let round = 0; round < 2; round++) {
      const before = events;
      const endMs = performance.now() + stallMs;
      while (performance.now() < endMs);
      await delay(2 * eventsEveryMs);
      expect(events).toBeGreaterThan(before);
    }
    expect(breaks).toEqual([]);
  });

  it('notices silence, and that it has begun anew', async () => {
    await delay(2 * silenceMs);
    expect(breaks).toEqual([]);
    instance.postMessage('be silent', []);
    await delay(2 * silenceMs);
    expect(breaks).toEqual(['silent']);
  });
});
