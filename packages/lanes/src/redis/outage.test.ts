import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../conformance/eventually.ts';
import { freshLane, idsOf, job, record } from '../conformance/harness.ts';
import { gate, recorder } from '../conformance/recorder.ts';
import { ownRedis, type ProvidedRedis } from '../conformance/redis-under-test.ts';
import type { Fabric, FabricProblem } from '../fabric.ts';
import type { InstanceRecord } from '../port.ts';
import { redisFabric } from './redis-fabric.ts';

const first = await ownRedis();
const describeOutage = first.kind === 'provided' ? describe : describe.skip;
const why = first.kind === 'provided' ? '' : `: NOT TESTED. ${first.reason}`;
/** An `add` that cannot succeed has to say so within this time; the rest is for a busy machine. */
const failFastMs = 1_000 + 500;
const limits = { heartbeatMs: 100, expiryMs: 1_500, stalledMs: 1_000 };

describeOutage(`Redis away and back${why}`, () => {
  let redis: ProvidedRedis | undefined = first.kind === 'provided' ? first.redis : undefined;
  const url = redis?.url ?? '';
  const problems = recorder<FabricProblem>();
  let fabric: Fabric;

  const stopRedis = async (): Promise<void> => {
    await redis?.stop();
    redis = undefined;
  };
  const startRedis = async (): Promise<void> => {
    if (redis !== undefined) return;
    const started = await ownRedis(Number(new URL(url).port));
    if (started.kind === 'missing') throw new Error(started.reason);
    redis = started.redis;
  };
  /** Runs one command on a connection of its own. */
  const ask = async <Answer>(question: (client: Redis) => Promise<Answer>): Promise<Answer> => {
    const client = new Redis(url, { lazyConnect: true });
    try {
      return await question(client);
    } finally {
      client.disconnect();
    }
  };
  const expectFastFault = async (work: () => Promise<unknown>): Promise<void> => {
    const startMs = performance.now();
    await expect(work()).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
    expect(performance.now() - startMs).toBeLessThan(failFastMs);
  };

  beforeEach(async () => {
    await startRedis();
    fabric = await redisFabric({ url, limits, prefix: 'isotherm-outage', report: problems.push });
  });
  afterEach(() => fabric.close());
  afterAll(stopRedis);

  // Not last: what a worker left waiting for a Redis that is away ends within two seconds, and holds a process until then.
  it('says at the start that there is no Redis', async () => {
    await stopRedis();
    const startMs = performance.now();
    const opening = redisFabric({ url, connectMs: 300, report: problems.push });
    await expect(opening).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('closes within its bound while Redis is away', async () => {
    const { lanes } = fabric;
    const lane = freshLane();
    const started = recorder<string>();
    const finish = gate();
    const consumer = await lanes.consume(
      lane,
      async ({ id }) => {
        started.push(id);
        await finish.opened;
      },
      { concurrency: 1 },
    );
    const idle = await lanes.consume(freshLane(), async () => {}, { concurrency: 1 });
    await lanes.sender(lane).add(job('running', {}));
    await started.count(1);
    await stopRedis();
    await eventually(() => !lanes.healthy());
    finish.open();
    const startMs = performance.now();
    await Promise.all([consumer.pause(), idle.close()]);
    await fabric.close();
    expect(performance.now() - startMs).toBeLessThan(8_000);
  });

  it('fails fast while away, and goes on by itself with an empty server', async () => {
    const { lanes, registry } = fabric;
    const lane = freshLane();
    const sender = lanes.sender<string>(lane);
    const seen = recorder<string>();
    await lanes.consume<string>(lane, async ({ body }) => seen.push(body), { concurrency: 2 });
    await registry.announce(record('lasting'));
    const leaving = await registry.announce(record('leaving'));
    const lists = recorder<readonly InstanceRecord[]>();
    await registry.watch(lists.push);
    await sender.add(job('before', 'before'));
    await seen.count(1);

    await stopRedis();
    await eventually(() => !lanes.healthy());
    await expectFastFault(() => sender.add(job('during', 'during')));
    await expectFastFault(() => sender.depth());
    await expectFastFault(() => registry.list());
    await expectFastFault(() => lanes.obliterate(freshLane()));
    await leaving.update(record('leaving', { state: 'draining' }));
    await problems.first(({ kind }) => kind === 'store_failed');

    await startRedis();
    await eventually(() => lanes.healthy());
    expect(await sender.add(job('after', 'after'))).toEqual({ kind: 'added' });
    expect(await seen.count(2)).toEqual(['before', 'after']);
    await eventually(async () => (await registry.list()).length === 2);
    await lists.first((records) => records.some(({ state }) => state === 'draining'));
    // An empty Redis is not a dead fleet: no watcher was told that an instance had gone.
    expect(lists.items.map(idsOf).every((ids) => ids.length === 2)).toBe(true);
    await leaving.withdraw();
    await lists.first((records) => records.length === 1);
  });

  it('takes a server that does not answer for one that is away', async () => {
    const { lanes } = fabric;
    const sender = lanes.sender(freshLane());
    const info = await ask((client) => client.info('server'));
    const processId = Number(/process_id:(\d+)/.exec(info)?.[1]);
    process.kill(processId, 'SIGSTOP');
    try {
      await expectFastFault(() => sender.add(job('frozen', {})));
      await eventually(() => !lanes.healthy());
      await expectFastFault(() => sender.add(job('frozen', {})));
    } finally {
      process.kill(processId, 'SIGCONT');
    }
    await eventually(() => lanes.healthy());
    // The outcome of the first add was unknown, not negative: the server had read it.
    expect(['added', 'duplicate']).toContain((await sender.add(job('frozen', {}))).kind);
    expect(await sender.depth()).toBe(1);
  });

  it('does not take its own standing still for the silence of a server', async () => {
    const { lanes } = fabric;
    const lane = freshLane();
    const sender = lanes.sender<string>(lane);
    const seen = recorder<string>();
    await lanes.consume<string>(lane, async ({ body }) => seen.push(body), { concurrency: 1 });
    const problemsBefore = problems.items.length;
    const depth = sender.depth();
    // Commands of a turn leave at its end.
    await new Promise((resolve) => setImmediate(resolve));
    // Longer than any silence that is borne; the answer comes meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
    expect(await depth).toBe(0);
    expect(await sender.add(job('after', 'after'))).toEqual({ kind: 'added' });
    expect(await seen.count(1)).toEqual(['after']);
    expect(problems.items.slice(problemsBefore)).toEqual([]);
  });

  it('connects again when its connections are cut', async () => {
    const { lanes, registry } = fabric;
    const lane = freshLane();
    const sender = lanes.sender<number>(lane);
    const seen = recorder<number>();
    await lanes.consume<number>(lane, async ({ body }) => seen.push(body), { concurrency: 1 });
    const lists = recorder<readonly InstanceRecord[]>();
    await registry.watch(lists.push);
    for (let cut = 0; cut < 3; cut++) {
      for (const type of ['NORMAL', 'PUBSUB'] as const) {
        await ask((client) => client.call('CLIENT', 'KILL', 'TYPE', type));
      }
      await eventually(() =>
        sender.add(job(`job-${cut}`, cut)).then(
          ({ kind }) => kind !== 'rejected',
          () => false,
        ),
      );
      await seen.count(cut + 1);
    }
    expect(seen.items).toEqual([0, 1, 2]);
    await registry.announce(record('heard'));
    await lists.first((records) => records.length === 1);
  });

  it('delivers again a job that finished while Redis was away, if Redis kept it', async () => {
    const { lanes } = fabric;
    const lane = freshLane();
    const sender = lanes.sender(lane);
    const started = recorder<number>();
    const finish = gate();
    await lanes.consume(
      lane,
      async ({ attempt }) => {
        started.push(attempt);
        if (attempt === 1) await finish.opened;
      },
      { concurrency: 1 },
    );
    await sender.add(job('job', {}));
    await started.count(1);
    await ask((client) => client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL'));
    finish.open();
    // Acknowledged after the reconnection, or delivered again: either way the id comes free.
    await eventually(async () => {
      const outcome = await sender.add(job('job', {})).catch(() => undefined);
      return outcome?.kind === 'added';
    });
    await eventually(async () => (await sender.depth()) === 0);
  });
});
