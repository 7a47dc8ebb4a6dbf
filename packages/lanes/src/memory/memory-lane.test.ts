import { expect, it } from '@jest/globals';
import { instanceId, jobId } from '@isotherm/kernel';
import { laneName } from '../port.ts';
import { type LaneTaker, memoryLane } from './memory-lane.ts';

it('starts a job on its own, before anything else that was due already', async () => {
  const lane = memoryLane(laneName('encode', instanceId('one')), 10, () => undefined);
  const started: string[] = [];
  const taker: LaneTaker = {
    handler: ({ id }) => {
      started.push(id);
      return Promise.resolve();
    },
    concurrency: 1,
    running: new Set(),
    state: 'taking',
    settled: () => undefined,
  };
  lane.attach(taker);
  const next = new Promise((resolve) => setImmediate(resolve));
  lane.add({ id: jobId('a'), body: {} });
  lane.add({ id: jobId('b'), body: {} });
  expect(started).toEqual([]);
  await next;
  expect(started).toEqual(['a', 'b']);
});
