import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jobId } from '@isotherm/kernel';
import { Redis } from 'ioredis';
import { freshLane } from '../conformance/harness.ts';
import { redisUnderTest } from '../conformance/redis-under-test.ts';
import type { LaneName, LaneSender } from '../port.ts';
import { type JobExchange, jobExchange } from './job-exchange.ts';
import { laneKeys, queueJobId } from './lane-keys.ts';
import { laneSender, senderScripts } from './lane-sender.ts';

const under = await redisUnderTest();
const prefix = `isotherm-exchange-${process.pid}`;
const lockMs = 60_000;

const describeOrSkip = under.kind === 'missing' ? describe.skip : describe;

describeOrSkip('an exchange of jobs', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(under.kind === 'missing' ? '' : under.redis.url);
  });
  afterAll(async () => {
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
    if (under.kind === 'provided') await under.redis.stop();
  });

  const open = (): {
    readonly lane: LaneName;
    readonly sender: LaneSender<string>;
    consumer(token: string): JobExchange;
  } => {
    const lane = freshLane();
    const options = { lane, prefix, laneDepthMax: 100, fabricClosed: () => false };
    return {
      lane,
      sender: laneSender<string>(senderScripts(redis), options),
      consumer: (token) => jobExchange(redis, { lane, prefix, token, lockMs }),
    };
  };
  const fill = async (sender: LaneSender<string>, ...ids: readonly string[]): Promise<void> => {
    await Promise.all(ids.map((id) => sender.add({ id: jobId(id), body: id })));
  };
  const idsOf = (jobs: Awaited<ReturnType<JobExchange>>): readonly string[] =>
    jobs.map(({ id }) => id);
  const lockOf = (lane: LaneName, id: string): string =>
    `${laneKeys(prefix, lane).base}${queueJobId(jobId(id))}:lock`;

  it('takes in order and leaves nothing of what is done', async () => {
    const { lane, sender, consumer } = open();
    const exchange = consumer('one');
    await sender.add({ id: jobId('late'), body: 'late', priority: 2 });
    await fill(sender, 'a', 'b');
    await sender.add({ id: jobId('soon'), body: 'soon', priority: 1 });
    expect(idsOf(await exchange([], 3))).toEqual(['j-a', 'j-b', 'j-soon']);
    expect(await exchange(['j-a', 'j-b', 'j-soon'], 5)).toEqual([
      { id: 'j-late', body: '"late"', attempt: 1, dropped: undefined },
    ]);
    await exchange(['j-late'], 0);
    const { base } = laneKeys(prefix, lane);
    expect(await redis.keys(`${base}j-*`)).toEqual([]);
    expect(await redis.exists(`${base}active`, `${base}stalled`, `${base}pc`)).toBe(0);
  });

  it('announces what it leaves, and nothing else', async () => {
    const { lane, sender, consumer } = open();
    const exchange = consumer('one');
    const { marker } = laneKeys(prefix, lane);
    await fill(sender, 'a', 'b');
    await redis.del(marker);
    await exchange([], 1);
    expect(await redis.zcard(marker)).toBe(1);
    await redis.del(marker);
    await exchange([], 0);
    expect(await redis.zcard(marker)).toBe(1);
    await redis.del(marker);
    await exchange([], 1);
    await exchange([], 5);
    expect(await redis.zcard(marker)).toBe(0);
  });

  it('does not acknowledge what another consumer has been given since', async () => {
    const { lane, sender, consumer } = open();
    const [one, other] = [consumer('one'), consumer('other')];
    await fill(sender, 'a');
    await one([], 1);
    // As BullMQ does with a job whose lock has lapsed.
    const { active, wait } = laneKeys(prefix, lane);
    await redis.del(lockOf(lane, 'a'));
    await redis.rpoplpush(active, wait);
    expect(await other([], 1)).toMatchObject([{ id: 'j-a', attempt: 2 }]);
    await one(['j-a'], 0);
    expect(await sender.holds(jobId('a'))).toBe(true);
    expect(await redis.get(lockOf(lane, 'a'))).toBe('other');
    await other(['j-a'], 0);
    expect(await sender.holds(jobId('a'))).toBe(false);
  });

  it('acknowledges what its lock has lapsed for while nobody else was given it', async () => {
    const { lane, sender, consumer } = open();
    const exchange = consumer('one');
    await fill(sender, 'a');
    await exchange([], 1);
    await redis.del(lockOf(lane, 'a'));
    await exchange(['j-a'], 0);
    expect(await sender.holds(jobId('a'))).toBe(false);
    expect(await exchange([], 1)).toEqual([]);
  });

  it('does not acknowledge a job that waits again', async () => {
    const { sender, consumer } = open();
    const exchange = consumer('one');
    await fill(sender, 'a');
    await exchange(['j-a'], 0);
    expect(await sender.depth()).toBe(1);
    expect(idsOf(await exchange([], 1))).toEqual(['j-a']);
  });

  it('passes over an id whose job is gone', async () => {
    const { lane, sender, consumer } = open();
    await fill(sender, 'a', 'b');
    const { base, active } = laneKeys(prefix, lane);
    await redis.del(`${base}j-a`);
    expect(idsOf(await consumer('one')([], 2))).toEqual(['j-b']);
    expect(await redis.lrange(active, 0, -1)).toEqual(['j-b']);
  });
});
