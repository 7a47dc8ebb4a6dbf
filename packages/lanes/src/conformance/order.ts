import { describe, expect, it } from '@jest/globals';
import { priorityMax } from '../fabric.ts';
import type { FabricHarness } from './harness.ts';
import { freshLane, job, withFabric } from './harness.ts';
import { recorder } from './recorder.ts';

export const describeOrder = (harness: FabricHarness): void => {
  describe('order', () => {
    it('keeps the order of jobs of one priority, urgent or not', () =>
      withFabric(harness)(async ({ lanes }) => {
        for (const priority of [undefined, 0, 7]) {
          const lane = freshLane();
          const sender = lanes.sender<number>(lane);
          const sent = Array.from({ length: 50 }, (_, index) => index);
          for (const index of sent) await sender.add(job(`job-${index}`, index, priority));
          const seen = recorder<number>();
          await lanes.consume<number>(lane, async ({ body }) => seen.push(body), {
            concurrency: 1,
          });
          expect(await seen.count(sent.length)).toEqual(sent);
        }
      }));

    it('keeps the order of adds that were sent at once', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<number>(lane);
        const sent = Array.from({ length: 200 }, (_, index) => index);
        await Promise.all(sent.map((index) => sender.add(job(`job-${index}`, index))));
        const seen = recorder<number>();
        await lanes.consume<number>(lane, async ({ body }) => seen.push(body), { concurrency: 1 });
        expect(await seen.count(sent.length)).toEqual(sent);
      }));

    it('delivers the most urgent first, from 0 to the largest value', () =>
      withFabric(harness)(async ({ lanes }) => {
        const lane = freshLane();
        const sender = lanes.sender<string>(lane);
        const priorities = [5, 0, priorityMax, 1, 5, undefined, 1, priorityMax - 1, 0];
        for (const [index, priority] of priorities.entries()) {
          await sender.add(job(`job-${index}`, `${priority ?? 0}/${index}`, priority));
        }
        const seen = recorder<string>();
        await lanes.consume<string>(lane, async ({ body }) => seen.push(body), { concurrency: 1 });
        expect(await seen.count(priorities.length)).toEqual([
          ...['0/1', '0/5', '0/8', '1/3', '1/6', '5/0', '5/4'],
          ...[`${priorityMax - 1}/7`, `${priorityMax}/2`],
        ]);
      }));

    it('refuses a priority outside of its range as a bug of the caller', () =>
      withFabric(harness)(async ({ lanes }) => {
        const sender = lanes.sender(freshLane());
        for (const priority of [-1, 0.5, priorityMax + 1, Number.NaN]) {
          await expect(sender.add(job('job', {}, priority))).rejects.toThrow('priority');
        }
        expect(await sender.depth()).toBe(0);
      }));
  });
};
