import { describe, expect, it } from '@jest/globals';
import { deliveriesMax, type FabricProblem } from '../fabric.ts';
import type { Delivery } from '../port.ts';
import { beatsFor } from './beats.ts';
import type { FabricHarness } from './harness.ts';
import { freshLane, job, withFabric } from './harness.ts';
import { gate, recorder } from './recorder.ts';

const stalledMs = 400;
/** For tests that start processes one after another, or wait for calm, on a machine that has other work. */
const busyMsMax = 120_000;
/** How often a test waits for a time in which its machine lets it run. */
const aliveTriesMax = 20;

export const describeDelivery = (harness: FabricHarness): void => {
  describe('delivery', () => {
    it('hands over id and body as they were, once', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<unknown>(lane);
        const seen = recorder<Delivery<unknown>>();
        await lanes.consume(lane, async (delivery) => seen.push(delivery), { concurrency: 4 });
        const bodies = [{ a: [1, 'two', null], 'ü€': { deep: true } }, [], 'text', 0, false, null];
        const ids = ['plain', 'with:colon', 'wait', '17', 'a/b%3A c', 'ünïcode'];
        for (const [index, body] of bodies.entries()) {
          await sender.add(job(ids[index] ?? '', body));
        }
        await sender.add(job('last', 'last'));
        await seen.first(({ id }) => id === 'last');
        const sorted = [...(await seen.count(bodies.length + 1))].sort(
          (a, b) => ids.indexOf(a.id) - ids.indexOf(b.id),
        );
        expect(sorted.slice(1)).toEqual(
          bodies.map((body, index) => ({ id: ids[index], body, attempt: 1 })),
        );
      }));

    it('drops a job whose id waits or runs, and takes it again when it is done', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<string>(lane);
        expect(await sender.add(job('same', 'first'))).toEqual({ kind: 'added' });
        expect(await sender.add(job('same', 'second'))).toEqual({ kind: 'duplicate' });
        expect(await sender.add(job('same', 'urgent', 3))).toEqual({ kind: 'duplicate' });
        expect(await sender.depth()).toBe(1);

        const seen = recorder<string>();
        const finish = gate();
        const consumer = await lanes.consume<string>(
          lane,
          async ({ body }) => {
            seen.push(body);
            await finish.opened;
          },
          { concurrency: 2 },
        );
        await seen.count(1);
        expect(await sender.add(job('same', 'third'))).toEqual({ kind: 'duplicate' });
        finish.open();
        await consumer.pause();
        expect(await sender.add(job('same', 'fourth'))).toEqual({ kind: 'added' });
        expect(seen.items).toEqual(['first']);
        expect(await sender.depth()).toBe(1);
      }));

    it('holds a job while it waits or runs, and no longer', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<string>(lane);
        const { id } = job('held', 'x');
        expect(await sender.holds(id)).toBe(false);
        await sender.add(job('held', 'x'));
        expect(await sender.holds(id)).toBe(true);
        const seen = recorder<string>();
        const finish = gate();
        const consumer = await lanes.consume<string>(
          lane,
          async ({ body }) => {
            seen.push(body);
            await finish.opened;
          },
          { concurrency: 1 },
        );
        await seen.count(1);
        expect(await sender.holds(id)).toBe(true);
        finish.open();
        await consumer.pause();
        expect(await sender.holds(id)).toBe(false);
        await sender.add(job('held', 'again'));
        await lanes.obliterate(lane);
        expect(await sender.holds(id)).toBe(false);
      }));

    it('lets two lanes use the same id', () =>
      withFabric(harness)(async ({ lanes }) => {
        const [one, other] = [lanes.sender(freshLane()), lanes.sender(freshLane())];
        expect(await one.add(job('same', {}))).toEqual({ kind: 'added' });
        expect(await other.add(job('same', {}))).toEqual({ kind: 'added' });
      }));

    it('acknowledges a rejected handler, reports it and goes on', async () => {
      const problems = recorder<FabricProblem>();
      await withFabric(harness, { report: problems.push })(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<string>(lane);
        const seen = recorder<string>();
        const consumer = await lanes.consume<string>(
          lane,
          async ({ body }) => {
            seen.push(body);
            if (body === 'bad') throw new Error('no good');
          },
          { concurrency: 1 },
        );
        await sender.add(job('job-1', 'bad'));
        await sender.add(job('job-2', 'good'));
        expect(await seen.count(2)).toEqual(['bad', 'good']);
        expect(problems.items).toEqual([
          { kind: 'handler_failed', lane, cause: new Error('no good') },
        ]);
        await consumer.pause();
        expect(await sender.add(job('job-1', 'again'))).toEqual({ kind: 'added' });
      });
    });

    it('survives a handler that throws instead of rejecting', async () => {
      const problems = recorder<FabricProblem>();
      await withFabric(harness, { report: problems.push })(async ({ lanes }) => {
        const lane = freshLane();
        const handler = (): Promise<void> => {
          throw new Error('at once');
        };
        await lanes.consume(lane, handler, { concurrency: 1 });
        await lanes.sender(lane).add(job('job', {}));
        expect(await problems.first(() => true)).toMatchObject({ kind: 'handler_failed' });
      });
    });

    it('delivers again, as a later attempt and first of all, what a dead consumer had taken', () =>
      withFabric(harness, { limits: { stalledMs: 1_000 } })(async (fabric) => {
        const lane = freshLane();
        const sender = fabric.lanes.sender<string>(lane);
        const doomed = await fabric.doomedConsumer(lane, 2);
        await sender.add(job('taken-1', 'one'));
        await sender.add(job('taken-2', 'two', 9));
        await doomed.taken(2);
        await sender.add(job('waiting', 'three'));
        await doomed.kill();
        expect(await sender.add(job('taken-1', 'copy'))).toEqual({ kind: 'duplicate' });

        const seen = recorder<Delivery<string>>();
        await fabric.lanes.consume<string>(lane, async (delivery) => seen.push(delivery), {
          concurrency: 1,
        });
        const all = [...(await seen.count(3))].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(all).toEqual([
          { id: 'taken-1', body: 'one', attempt: 2 },
          { id: 'taken-2', body: 'two', attempt: 2 },
          { id: 'waiting', body: 'three', attempt: 1 },
        ]);
      }));

    it(
      'does not deliver twice what a living consumer takes long for',
      () =>
        withFabric(harness, { limits: { stalledMs } })(async ({ lanes }) => {
          const takeLong = async (): Promise<{ wasAlive: boolean; deliveries: number }> => {
            const lane = freshLane();
            const sender = lanes.sender(lane);
            const seen = recorder<string>();
            const finish = gate();
            const handler = async ({ id }: { readonly id: string }): Promise<void> => {
              seen.push(id);
              await finish.opened;
            };
            const consumers = [
              await lanes.consume(lane, handler, { concurrency: 2 }),
              await lanes.consume(lane, handler, { concurrency: 2 }),
            ];
            await sender.add(job('long', {}));
            await seen.count(1);
            // Longer than the bound and all that may come on top of it.
            const wasAlive = await beatsFor(2.25 * stalledMs, () => sender.depth(), stalledMs / 2);
            finish.open();
            await Promise.all(consumers.map((consumer) => consumer.close()));
            return { wasAlive, deliveries: seen.items.length };
          };
          let took = await takeLong();
          // Whoever was not let run for so long was dead to all others: that says nothing about the living.
          for (let tries = 1; !took.wasAlive && tries < aliveTriesMax; tries++)
            took = await takeLong();
          expect(took).toEqual({ wasAlive: true, deliveries: 1 });
        }),
      busyMsMax,
    );

    it(
      `drops and reports a job after ${deliveriesMax} deliveries`,
      async () => {
        const problems = recorder<FabricProblem>();
        // The doomed must not be taken for dead before they are killed.
        const options = { limits: { stalledMs: 600 }, report: problems.push };
        await withFabric(
          harness,
          options,
        )(async (fabric) => {
          const lane = freshLane();
          const sender = fabric.lanes.sender(lane);
          await sender.add(job('poison', {}));
          for (let delivery = 1; delivery <= deliveriesMax; delivery++) {
            const doomed = await fabric.doomedConsumer(lane, 1);
            await doomed.taken(1);
            await doomed.kill();
          }
          const seen = recorder<Delivery<unknown>>();
          await fabric.lanes.consume(lane, async (delivery) => seen.push(delivery), {
            concurrency: 1,
          });
          expect(await problems.first(({ kind }) => kind === 'job_dropped')).toMatchObject({
            lane,
          });
          await sender.add(job('after', {}));
          expect(await seen.count(1)).toMatchObject([{ id: 'after', attempt: 1 }]);
        });
      },
      busyMsMax,
    );
  });
};
