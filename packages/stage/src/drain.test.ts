import { once } from 'node:events';
import { afterEach, expect, it } from '@jest/globals';
import { deferred, jobId } from '@isotherm/kernel';
import { type Fabric, type LaneConsumer, type LaneSender, memoryFabric } from '@isotherm/lanes';
import type { PrefillEventInput, PrefillJob } from '@isotherm/proto';
import { createPeers, protos } from '@isotherm/rpc';
import { readSettings, type RunningService, silentLogger } from '@isotherm/runtime';
import { neverFails } from './engine-choice.ts';
import { startStage } from './stage-host.ts';
import { stageSettings } from './stage-settings.ts';

const inner = memoryFabric();
const peers = createPeers();
const gate = deferred<undefined>();
let instance: RunningService | undefined;
afterEach(async () => {
  gate.resolve(undefined);
  await instance?.stop();
  peers.close();
  await inner.close();
});

const stage = {
  stage: 'prefill' as const,
  service: protos.isotherm.prefill.v1.PrefillService.service,
  ...{ model: 'panel', capacity: 1, contextMax: 512 },
  tokensOf: () => 1,
  run: async (
    { jobId: id, requestId }: PrefillJob,
    {
      signal,
      emit,
    }: Parameters<Parameters<typeof startStage<PrefillJob, PrefillEventInput>>[0]['run']>[1],
  ) => {
    await gate.promise;
    signal.throwIfAborted();
    emit({ prefilled: { jobId: id, requestId, token: 7 } });
  },
  engineFailed: neverFails,
  closeEngine: async () => undefined,
};
const body = {
  ...{ jobId: 'job', requestId: 'request', routerId: 'router', model: 'panel' },
  ...{ deadlineMs: Date.now() + 60_000, enqueuedMs: Date.now() },
};

/** Lanes of which a job is taken while they say that none waits. */
const lanesThatDeliver = (): Fabric => {
  let handled: Promise<void> | undefined;
  let deliver = (): Promise<void> => Promise.resolve();
  const lanes: Fabric['lanes'] = {
    ...inner.lanes,
    consume: async (lane, handler): Promise<LaneConsumer> => {
      // The commands' lane has nothing to do with it.
      if (!lane.startsWith('control-')) {
        const given = { id: jobId('job'), body: body as never, attempt: 1 };
        deliver = () => (handled ??= handler(given));
      }
      return {
        ahead: () => false,
        pause: async () => handled,
        close: async () => handled,
      };
    },
    sender: <Body>(lane: Parameters<Fabric['lanes']['sender']>[0]): LaneSender<Body> => ({
      ...inner.lanes.sender<Body>(lane),
      depth: async () => {
        void deliver();
        // Whoever takes the answer for the end has broken the job off by then.
        setImmediate(() => gate.resolve(undefined));
        return 0;
      },
    }),
  };
  return { ...inner, lanes };
};

it('ends a job that it takes while its lane looks empty', async () => {
  const environment = { REDIS_URL: 'none', ISOTHERM_ENGINE: 'profile' };
  const settings = readSettings(stageSettings, environment);
  instance = await startStage(stage, settings, lanesThatDeliver(), silentLogger());
  const watch = peers.prefill(instance.address).watch({ routerId: 'router' });
  await once(watch, 'data');
  const events: PrefillEventInput[] = [];
  watch.on('data', (message: { events: PrefillEventInput[] }) => events.push(...message.events));
  watch.on('error', () => undefined);
  await instance.stop();
  expect(events.find(({ failed }) => failed)?.failed).toBeUndefined();
  expect(events.find(({ prefilled }) => prefilled)?.prefilled).toMatchObject({ token: 7 });
});
