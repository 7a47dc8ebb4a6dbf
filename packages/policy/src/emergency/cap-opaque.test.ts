import { describe, expect, it } from '@jest/globals';
import type { PlanRoom } from '../reconfigure/contract.ts';
import { createDraft } from '../reconfigure/draft.ts';
import { exampleGpuState, exampleOpaque, examplePlanRoom } from '../reconfigure/example-plan.ts';
import { capOpaque } from './cap-opaque.ts';
import { emergencyDefaults } from './plan-emergency.ts';

const capped = (room: PlanRoom) => {
  const draft = createDraft(room, emergencyDefaults);
  capOpaque(draft, new Set(draft.constraints.keys()));
  return draft.opaque.map(({ powerW }) => Number(powerW.toFixed(3)));
};
const two = [exampleOpaque('o', 's'), exampleOpaque('p', 't', { demandW: 300 })];
const row = (limitW: number) => examplePlanRoom(two, { 'row:r': { limitW } });

describe('capping opaque instances', () => {
  it('does nothing at a limit, and the least past it, from each the same share of what it can', () => {
    expect(capped(row(900))).toEqual([400, 300]);
    expect(capped(row(840))).toEqual([360, 280]);
  });

  it('does not go below what the hardware takes, and leaves alone who draws less', () => {
    expect(capped(row(100))).toEqual([200, 200]);
    const modest = [exampleOpaque('o', 's', { demandW: 150 })];
    expect(capped(examplePlanRoom(modest, { 'row:r': { limitW: 100 } }))).toEqual([150]);
  });

  it('cools who is too hot, and nobody else', () => {
    const gpus = [exampleGpuState('s/1', 90, 60), exampleGpuState('t/1', 80, 60)];
    expect(capped(examplePlanRoom(two, {}, gpus))).toEqual([350, 300]);
  });

  it('gives back what one limit took and another one made needless', () => {
    // The row is further past its limit, and takes 20 W of each; then the server takes 100 W of one.
    const both = { 'row:r': { limitW: 840 }, 'server:s': { limitW: 700, predictedW: 800 } };
    expect(capped(examplePlanRoom(two, both))).toEqual([300, 300]);
  });
});
