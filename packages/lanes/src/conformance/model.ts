import { jobId } from '@isotherm/kernel';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Delivery } from '../port.ts';
import type { FabricHarness, FabricUnderTest } from './harness.ts';
import { freshLane, job, withFabric } from './harness.ts';
import { gate, recorder, type Gate } from './recorder.ts';
import { addTo, emptyLane, finishIn, removeFrom, type ReferenceLane } from './reference-lane.ts';

type Step =
  | { readonly kind: 'add'; readonly id: string; readonly priority: number }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'finish' }
  | { readonly kind: 'depth' };

/** Few ids and priorities, so that they collide. */
const anyId = fc.constantFrom('a', 'b:1', 'c', 'd', 'wait', '6');
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      id: anyId,
      priority: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id: anyId }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'finish' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'depth' as const }) },
);

const depthMax = 2;

/** Replays with FC_SEED (and FC_PATH, which a failure prints, to go straight to its case). */
const seed = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const path = process.env['FC_PATH'];
const numRuns = Number(process.env['FC_RUNS'] ?? 30);

export const describeModel = (harness: FabricHarness): void => {
  describe('model', () => {
    it(`agrees with the reference lane step by step (FC_SEED=${seed})`, () =>
      withFabric(harness, { limits: { laneDepthMax: depthMax } })((fabric) =>
        fc.assert(
          fc.asyncProperty(fc.array(anyStep, { maxLength: 40, size: 'max' }), (steps) =>
            follow(fabric, steps),
          ),
          { seed, numRuns, ...(path === undefined ? {} : { path }) },
        ),
      ));
  });
};

/** Takes every step on a fresh lane and on the reference, and compares what can be seen. */
const follow = async ({ lanes }: FabricUnderTest, steps: readonly Step[]): Promise<void> => {
  const lane = freshLane();
  const sender = lanes.sender<number>(lane);
  const seen = recorder<{ readonly delivery: Delivery<number>; readonly finish: Gate }>();
  const consumer = await lanes.consume<number>(
    lane,
    async (delivery) => {
      const finish = gate();
      seen.push({ delivery, finish });
      await finish.opened;
    },
    { concurrency: 1 },
  );
  let model: ReferenceLane = emptyLane;
  let delivered = 0;
  /** Whose handler has settled last. Its acknowledgement is under way: nothing tells of it. */
  let settled: string | undefined;

  const add = async (id: string, body: number, priority: number): Promise<string> => {
    for (;;) {
      const { kind } = await sender.add(job(id, body, priority));
      if (kind !== 'duplicate' || id !== settled) return kind;
    }
  };

  /** Moves the model on; where it then runs another job, so must the lane. */
  const advance = async (next: ReferenceLane): Promise<void> => {
    const fresh = next.running !== undefined && next.running !== model.running;
    model = next;
    if (!fresh || next.running === undefined) return;
    await seen.count(++delivered);
    const { id, body } = next.running;
    expect(seen.items[delivered - 1]?.delivery).toEqual({ id, body, attempt: 1 });
  };

  const finish = async (): Promise<void> => {
    if (model.running === undefined) return;
    settled = model.running.id;
    seen.items[delivered - 1]?.finish.open();
    await advance(finishIn(model));
  };

  const take = async (step: Step, index: number): Promise<void> => {
    switch (step.kind) {
      case 'add': {
        const { id, priority } = step;
        const expected = addTo(model, { id, priority, body: index }, depthMax);
        // While the id is known to the model too, a duplicate is what has to come.
        if (expected.outcome === 'duplicate') settled = undefined;
        expect(await add(id, index, priority)).toBe(expected.outcome);
        return advance(expected.lane);
      }
      case 'remove': {
        const expected = removeFrom(model, step.id);
        expect(await sender.remove(jobId(step.id))).toBe(expected.removed);
        return advance(expected.lane);
      }
      case 'finish':
        return finish();
      case 'depth':
        expect(await sender.depth()).toBe(model.waiting.length);
        return;
      default:
        step satisfies never;
    }
  };

  try {
    for (const [index, step] of steps.entries()) await take(step, index);
    while (model.running !== undefined) await finish();
    await consumer.pause();
    expect(seen.items.length).toBe(delivered);
    expect(await sender.depth()).toBe(0);
  } finally {
    for (const { finish: handlerGate } of seen.items) handlerGate.open();
    await consumer.close();
    await lanes.obliterate(lane);
  }
};
