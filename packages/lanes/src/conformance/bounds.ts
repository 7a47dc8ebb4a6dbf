import { describe, expect, it } from '@jest/globals';
import type { FabricHarness } from './harness.ts';
import { freshLane, job, withFabric } from './harness.ts';
import { gate, recorder } from './recorder.ts';

export const describeBounds = (harness: FabricHarness): void => {
  describe('bounds', () => {
    it('never holds more waiting jobs than laneDepthMax, however many add at once', () =>
      withFabric(harness, { limits: { laneDepthMax: 20 } })(async ({ lanes }) => {
        const lane = freshLane();
        const senders = [lanes.sender<number>(lane), lanes.sender<number>(lane)];
        const outcomes = await Promise.all(
          Array.from({ length: 60 }, async (_, index) => {
            const sender = senders[index % 2];
            return sender?.add(job(`job-${index}`, index, index % 3));
          }),
        );
        const added = outcomes.filter((outcome) => outcome?.kind === 'added');
        const full = outcomes.filter((outcome) => outcome?.kind === 'rejected');
        expect([added.length, full.length]).toEqual([20, 40]);
        expect(full[0]).toEqual({ kind: 'rejected', reason: 'full' });
        expect(await senders[0]?.depth()).toBe(20);
        expect(await senders[0]?.add(job('job-0', 0))).toEqual({ kind: 'duplicate' });
      }));

    it('has room again when a job is taken or removed; running jobs do not count', () =>
      withFabric(harness, { limits: { laneDepthMax: 2 } })(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender(lane);
        const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((id) => job(id, {}));
        if (!a || !b || !c || !d || !e) throw new Error('five jobs');
        await sender.add(a);
        await sender.add(b);
        expect(await sender.add(c)).toEqual({ kind: 'rejected', reason: 'full' });
        expect(await sender.remove(b.id)).toBe(true);
        expect(await sender.add(c)).toEqual({ kind: 'added' });
        const seen = recorder<string>();
        const finish = gate();
        const handler = async ({ id }: { readonly id: string }): Promise<void> => {
          seen.push(id);
          await finish.opened;
        };
        await lanes.consume(lane, handler, { concurrency: 1 });
        expect(await seen.count(1)).toEqual(['a']);
        expect(await sender.add(d)).toEqual({ kind: 'added' });
        expect(await sender.add(e)).toEqual({ kind: 'rejected', reason: 'full' });
        finish.open();
        expect(await seen.count(3)).toEqual(['a', 'c', 'd']);
      }));

    it('runs up to `concurrency` handlers at once and no more', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<number>(lane);
        const started = recorder<number>();
        const finish = gate();
        let running = 0;
        let runningMost = 0;
        await lanes.consume<number>(
          lane,
          async ({ body }) => {
            runningMost = Math.max(runningMost, ++running);
            started.push(body);
            if (body < 3) await finish.opened;
            running--;
          },
          { concurrency: 3 },
        );
        for (let index = 0; index < 20; index++) await sender.add(job(`job-${index}`, index));
        await started.count(3);
        expect([running, await sender.depth()]).toEqual([3, 17]);
        finish.open();
        await started.count(20);
        expect(runningMost).toBe(3);
      }));

    it('refuses a concurrency that is not a positive integer', () =>
      withFabric(harness)(async ({ lanes }) => {
        for (const concurrency of [0, -1, 1.5, Infinity]) {
          const consuming = lanes.consume(freshLane(), async () => {}, { concurrency });
          await expect(consuming).rejects.toThrow('concurrency');
        }
      }));

    it('shares a lane between its consumers without a job done twice', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<number>(lane);
        const seen = recorder<number>();
        for (let consumer = 0; consumer < 3; consumer++) {
          await lanes.consume<number>(lane, async ({ body }) => seen.push(body), {
            concurrency: 2,
          });
        }
        const sent = Array.from({ length: 300 }, (_, index) => index);
        await Promise.all(sent.map((index) => sender.add(job(`job-${index}`, index))));
        const all = [...(await seen.count(sent.length))].sort((a, b) => a - b);
        expect(all).toEqual(sent);
      }));
  });
};
