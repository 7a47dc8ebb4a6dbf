import { afterAll, describe, expect, it } from '@jest/globals';
import { deferred, jobId } from '@isotherm/kernel';
import { freshLane } from '../conformance/harness.ts';
import { redisUnderTest } from '../conformance/redis-under-test.ts';
import { redisFabric } from './redis-fabric.ts';

const under = await redisUnderTest();
const describeOrSkip = under.kind === 'missing' ? describe.skip : describe;

describeOrSkip('a job that goes ahead of a lane in Redis', () => {
  const url = under.kind === 'missing' ? '' : under.redis.url;
  afterAll(() => (under.kind === 'missing' ? undefined : under.redis.stop()));

  const open = async () => {
    const fabric = await redisFabric({ url, prefix: `isotherm-ahead-${process.pid}` });
    const lane = freshLane();
    const handled: string[] = [];
    const consumer = await fabric.lanes.consume<string>(
      lane,
      async ({ body }) => void handled.push(body),
      { concurrency: 4 },
    );
    const sender = fabric.lanes.sender<string>(lane);
    // From now on the consumer waits.
    await sender.add({ id: jobId('first'), body: 'first' });
    await gone('first');
    async function gone(id: string): Promise<void> {
      while (await sender.holds(jobId(id))) await new Promise(setImmediate);
    }
    return { fabric, consumer, sender, handled, gone };
  };

  it('runs once, whether its lane delivers it while it runs or after its end', async () => {
    const { fabric, consumer, sender, handled, gone } = await open();
    for (const [id, endsFirst] of [
      ['a', true],
      ['b', false],
    ] as const) {
      const ended = deferred<void>();
      while (!consumer.ahead(jobId(id), () => ended.promise)) await new Promise(setImmediate);
      if (endsFirst) ended.resolve();
      await sender.add({ id: jobId(id), body: id });
      while ((await sender.depth()) > 0) await new Promise(setImmediate);
      if (!endsFirst) expect(await sender.holds(jobId(id))).toBe(true);
      ended.resolve();
      await gone(id);
    }
    expect(handled).toEqual(['first']);
    await fabric.close();
  });

  it('is the lane’s alone when its copy is late', async () => {
    const { fabric, consumer, sender, handled, gone } = await open();
    await sender.add({ id: jobId('a'), body: 'a' });
    await gone('a');
    expect(consumer.ahead(jobId('a'), async () => void handled.push('copy'))).toBe(false);
    expect(handled).toEqual(['first', 'a']);
    await fabric.close();
  });
});
