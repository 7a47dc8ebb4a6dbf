import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PlanRoom } from '../reconfigure/contract.ts';
import {
  isOurs,
  pipelineRoom,
  pipelineRooms,
  rowAfterW,
  servedOf,
  setAfter,
} from '../reconfigure/testing/example-pipeline.ts';
import { emergencyDefaults, planEmergency } from './plan-emergency.ts';

const limitOf = ({ levels }: PlanRoom): number =>
  levels.find(({ level }) => level === 'row')?.limitW ?? NaN;
const targetOf = (room: PlanRoom): number => limitOf(room) * emergencyDefaults.targetShare;
/** The most that one step of one instance gives: from the lowest clock with all its work to none. */
const quantumW = 0.3 * 6_000;
const slackW = 1e-6;

/** No more work: nothing is left to give. */
const isIdle = ({ current }: { readonly current: { readonly stopped: boolean } }) =>
  current.stopped;

describe('an emergency in a row of pipelines (properties)', () => {
  it('sheds enough, or all that ours have', () => {
    let shed = 0;
    fc.assert(
      fc.property(pipelineRooms, (room) => {
        const made = planEmergency(room);
        if (made.actions.length > 0) shed += 1;
        const after = setAfter(room, made);
        const isSolved = rowAfterW(room, made) <= limitOf(room) * emergencyDefaults.engageShare;
        expect(isSolved || after.instances.filter(isOurs).every(isIdle)).toBe(true);
        expect(made.unsolved.length === 0 || after.instances.filter(isOurs).every(isIdle)).toBe(
          true,
        );
      }),
    );
    expect(shed).toBeGreaterThan(20);
  });

  it('sheds no more than needed and one step of one instance', () => {
    fc.assert(
      fc.property(pipelineRooms, (room) => {
        const made = planEmergency(room);
        if (made.actions.length === 0) return;
        expect(targetOf(room) - rowAfterW(room, made)).toBeLessThanOrEqual(quantumW + slackW);
      }),
    );
  });

  it('takes nothing from others while one of ours has work left', () => {
    fc.assert(
      fc.property(pipelineRooms, (room) => {
        const made = planEmergency(room);
        if (made.losses.opaqueW === 0) return;
        expect(setAfter(room, made).instances.filter(isOurs).every(isIdle)).toBe(true);
        // Down to the limit, not to the aim.
        expect(rowAfterW(room, made)).toBeGreaterThan(limitOf(room) - 1);
      }),
    );
  });

  it.each([0.93, 0.86, 0.8, 0.75])(
    'keeps stages in balance at a power of %s: what one can do beyond the others is of no use',
    (share) => {
      const room = pipelineRoom([2, 3, 2], [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], share);
      const made = planEmergency(room);
      const served = Object.values(servedOf(setAfter(room, made)));
      expect(made.unsolved).toEqual([]);
      expect(Math.min(...served)).toBeLessThan(0.95);
      // Two steps of the clock of one of two instances, and what counts as alike.
      expect(Math.max(...served) - Math.min(...served)).toBeLessThan(0.2 / 1.8 + 0.05);
    },
  );

  it('stops the last instance of a stage only when no other has two', () => {
    let last = 0;
    fc.assert(
      fc.property(pipelineRooms, (room) => {
        const left = new Map(room.instances.filter(isOurs).map(({ id, stage }) => [id, stage]));
        for (const { tier, instance } of planEmergency(room).trace.steps) {
          if (tier !== 'stop') continue;
          const stage = left.get(instance);
          left.delete(instance);
          const others = [...left.values()];
          if (others.some((each) => each === stage)) continue;
          last += 1;
          const most = Math.max(
            ...others.map((each) => others.filter((one) => one === each).length),
          );
          expect(most).toBeLessThanOrEqual(1);
        }
      }),
    );
    expect(last).toBeGreaterThan(5);
  });
});
