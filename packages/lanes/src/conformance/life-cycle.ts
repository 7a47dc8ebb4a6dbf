import { jobId } from '@isotherm/kernel';
import { describe, expect, it } from '@jest/globals';
import type { FabricHarness } from './harness.ts';
import { freshLane, job, withFabric } from './harness.ts';
import { gate, recorder } from './recorder.ts';

export const describeLifeCycle = (harness: FabricHarness): void => {
  describe('removal', () => {
    it('removes a job that waits, whatever its priority, and frees its id', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<string>(lane);
        await sender.add(job('urgent', 'first'));
        await sender.add(job('later', 'first', 4));
        await sender.add(job('stays', 'only'));
        expect(await sender.remove(jobId('urgent'))).toBe(true);
        expect(await sender.remove(jobId('later'))).toBe(true);
        expect(await sender.remove(jobId('later'))).toBe(false);
        expect(await sender.remove(jobId('never'))).toBe(false);
        expect(await sender.depth()).toBe(1);
        expect(await sender.add(job('urgent', 'second'))).toEqual({ kind: 'added' });
        const seen = recorder<string>();
        await lanes.consume<string>(lane, async ({ id, body }) => seen.push(`${id} ${body}`), {
          concurrency: 1,
        });
        expect(await seen.count(2)).toEqual(['stays only', 'urgent second']);
      }));

    it('finds a job whose addition nobody has waited for', () =>
      withFabric(harness)(async ({ lanes }) => {
        const sender = lanes.sender(freshLane());
        const adding = [sender.add(job('removed', {})), sender.add(job('held', {}))];
        expect(await sender.remove(jobId('removed'))).toBe(true);
        expect(await sender.holds(jobId('held'))).toBe(true);
        expect(await sender.depth()).toBe(1);
        expect(await Promise.all(adding)).toEqual([{ kind: 'added' }, { kind: 'added' }]);
      }));

    it('leaves a job that was taken or is done', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender(lane);
        const seen = recorder<string>();
        const finish = gate();
        const handler = async ({ id }: { readonly id: string }): Promise<void> => {
          seen.push(id);
          await finish.opened;
        };
        const consumer = await lanes.consume(lane, handler, { concurrency: 1 });
        await sender.add(job('taken', {}));
        await seen.count(1);
        expect(await sender.remove(jobId('taken'))).toBe(false);
        finish.open();
        await consumer.pause();
        expect(await sender.remove(jobId('taken'))).toBe(false);
      }));
  });

  describe('pause and close', () => {
    for (const ending of ['pause', 'close'] as const) {
      it(`${ending} waits for the handlers that run and takes no further job`, () =>
        withFabric(harness)(async ({ lanes }) => {
          const lane = freshLane();
          const sender = lanes.sender<number>(lane);
          const started = recorder<number>();
          const finish = gate();
          let finished = 0;
          const consumer = await lanes.consume<number>(
            lane,
            async ({ body }) => {
              started.push(body);
              await finish.opened;
              finished++;
            },
            { concurrency: 2 },
          );
          for (let index = 0; index < 5; index++) await sender.add(job(`job-${index}`, index));
          await started.count(2);
          const ended = consumer[ending]().then(() => finished);
          finish.open();
          expect(await ended).toBe(2);
          expect(started.items.length).toBe(2);
          expect(await sender.depth()).toBe(3);

          await lanes.consume<number>(lane, async ({ body }) => started.push(body), {
            concurrency: 1,
          });
          expect(await started.count(5)).toEqual([0, 1, 2, 3, 4]);
        }));
    }

    it('may be repeated, and an idle consumer closes at once', () =>
      withFabric(harness)(async ({ lanes }) => {
        const consumer = await lanes.consume(freshLane(), async () => {}, { concurrency: 1 });
        await consumer.pause();
        await consumer.pause();
        await consumer.close();
        await consumer.close();
      }));

    it('rejects jobs once the sender or the lanes are closed', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const closed = { kind: 'rejected', reason: 'closed' };
        const [one, other] = [lanes.sender(lane), lanes.sender(lane)];
        await one.close();
        expect(await one.add(job('job', {}))).toEqual(closed);
        expect(await other.add(job('job', {}))).toEqual({ kind: 'added' });
        expect(lanes.healthy()).toBe(true);
        await lanes.close();
        expect(await other.add(job('job-2', {}))).toEqual(closed);
        expect(lanes.healthy()).toBe(false);
        const consuming = lanes.consume(lane, async () => {}, { concurrency: 1 });
        await expect(consuming).rejects.toMatchObject({ code: 'unavailable' });
      }));
  });

  describe('obliterate', () => {
    it('deletes all that waits, and the lane can be used again', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const kept = freshLane();
        const sender = lanes.sender<number>(lane);
        for (let index = 0; index < 10; index++) {
          await sender.add(job(`job-${index}`, index, index % 2));
        }
        await lanes.sender<number>(kept).add(job('job-0', 0));
        await lanes.obliterate(lane);
        await lanes.obliterate(freshLane());
        expect(await sender.depth()).toBe(0);
        expect(await lanes.sender(kept).depth()).toBe(1);
        expect(await sender.add(job('job-3', 33))).toEqual({ kind: 'added' });
        const seen = recorder<number>();
        await lanes.consume<number>(lane, async ({ body }) => seen.push(body), { concurrency: 1 });
        expect(await seen.count(1)).toEqual([33]);
      }));
  });
};
