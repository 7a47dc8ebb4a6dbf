import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Fault, jobId } from '@isotherm/kernel';
import { type Fabric, type LaneConsumer, memoryFabric } from '@isotherm/lanes';
import type { HandleInput, PrefillEventInput, PrefillJob } from '@isotherm/proto';
import { bytesPayload, createPeers, packPayload, type Peers, protos, pull } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { neverFails } from './engine-choice.ts';
import { startStage } from './stage-host.ts';
import { stageSettings } from './stage-settings.ts';

let fabric: Fabric;
let peers: Peers;
let instance: RunningService;
/** Ids of copies that were offered to the lane's consumer. */
let offered: string[];

/** Lanes whose consumers begin every copy, and deliver nothing. */
const eager = (inner: Fabric): Fabric => ({
  ...inner,
  lanes: {
    ...inner.lanes,
    consume: async (): Promise<LaneConsumer> => ({
      ahead: (id, run) => {
        offered.push(id);
        void run();
        return true;
      },
      pause: async () => undefined,
      close: async () => undefined,
    }),
  },
});

/** A stage that gives the bytes of its prompt as a token. */
const stage = {
  stage: 'prefill' as const,
  service: protos.isotherm.prefill.v1.PrefillService.service,
  ...{ model: 'panel', capacity: 1, contextMax: 512 },
  tokensOf: () => 1,
  run: async (
    { jobId: id, requestId, deadlineMs, prompt }: PrefillJob,
    context: Parameters<Parameters<typeof startStage<PrefillJob, PrefillEventInput>>[0]['run']>[1],
  ) => {
    if (prompt === null) throw new Fault('internal', 'No prompt.');
    const { peers: own, signal, given } = context;
    const { tensors } = await pull(own, prompt, { deadlineMs, signal, given });
    context.emit({ prefilled: { jobId: id, requestId, token: tensors[0]?.data[0] ?? 0 } });
  },
  engineFailed: neverFails,
  closeEngine: async () => undefined,
};

beforeEach(async () => {
  offered = [];
  peers = createPeers();
  fabric = eager(memoryFabric());
  const environment = { REDIS_URL: 'none', ISOTHERM_ENGINE: 'profile' };
  const settings = readSettings(stageSettings, environment);
  instance = await startStage(stage, settings, fabric, silentLogger());
});
afterEach(async () => {
  await instance.stop();
  peers.close();
  await fabric.close();
});

it('begins a job that came past the lane, with what came with it', async () => {
  const watch = peers.prefill(instance.address).watch({ routerId: 'router' });
  await once(watch, 'data');
  const call = peers.stage(instance.address).goAhead(() => undefined);
  // Nobody is there to pull from.
  const prompt: HandleInput = { leaseId: 'lease', address: '127.0.0.1:9', ownerId: 'nobody' };
  const job = { jobId: 'job', requestId: 'request', routerId: 'router', prompt, embeddings: [] };
  const times = { deadlineMs: Date.now() + 60_000, enqueuedMs: Date.now() };
  const payloads = [{ leaseId: 'lease', ...packPayload(bytesPayload(Uint8Array.of(7))) }];
  const copy = { jobId: 'job', body: JSON.stringify({ ...job, ...times }), payloads };
  call.write({ jobs: [{ jobId: 'broken', body: '{' }, copy] });
  for (;;) {
    const [{ events }] = await once(watch, 'data');
    const found = events.find((event: PrefillEventInput) => event.prefilled);
    if (found === undefined) continue;
    expect(found.prefilled).toMatchObject({ jobId: 'job', token: 7 });
    break;
  }
  expect(offered).toEqual([jobId('job')]);
  watch.on('error', () => undefined).cancel();
});

it('ends the streams of copies when it shuts down', async () => {
  const ended = new Promise((resolve) => {
    const call = peers.stage(instance.address).goAhead(resolve);
    call.on('metadata', () => void instance.stop());
    call.write({ jobs: [] });
  });
  expect(await ended).toBe(null);
});
