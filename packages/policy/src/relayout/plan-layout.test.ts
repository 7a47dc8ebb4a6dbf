import { describe, expect, it } from '@jest/globals';
import type { LayoutDecision, LayoutState } from './contract.ts';
import { firstLayout, layoutDefaults, planLayout } from './plan-layout.ts';

const start = firstLayout([60, 40]);

/** Samples every ten seconds, of what encoders and prompts have to do. */
const follow = (
  from: LayoutState,
  seconds: number,
  busy: (atMs: number) => readonly [number, number],
  fromMs = 0,
) => {
  const decisions: LayoutDecision[] = [];
  let state = from;
  for (let atMs = fromMs; atMs <= fromMs + 1000 * seconds; atMs += 10_000) {
    const pools = busy(atMs).map((busyInstances) => ({ size: 1, busyInstances }));
    const planned = planLayout(state, { atMs, gpus: 100, pools }, layoutDefaults);
    state = planned.state;
    decisions.push(planned.decision);
  }
  return { state, decisions, changes: decisions.filter(({ kind }) => kind === 'change').length };
};

describe('the layout of a fleet', () => {
  it('stays where its mix is what it was made for', () => {
    const { state, changes } = follow(start, 1800, () => [36, 24]);
    expect(changes).toBe(0);
    expect(state.counts).toEqual([60, 40]);
  });

  it('gives prompts what encoders no longer need when few pictures come', () => {
    const { state, changes } = follow(start, 1800, () => [3, 45]);
    expect(changes).toBe(1);
    expect(state.counts[1]).toBeGreaterThan(80);
    expect((state.counts[0] ?? 0) + (state.counts[1] ?? 0)).toBe(100);
  });

  it('comes back in steps when they return', () => {
    const few = follow(start, 1200, () => [3, 45]);
    const many = follow(few.state, 2400, () => [36, 24], 1_210_000);
    expect(many.changes).toBeGreaterThanOrEqual(1);
    expect(many.changes).toBeLessThanOrEqual(6);
    expect(many.state.counts[0]).toBeGreaterThan(52);
  });

  it('is not moved by a burst', () => {
    const { changes } = follow(start, 1800, (atMs) =>
      atMs % 600_000 < 20_000 ? [90, 10] : [30, 19],
    );
    expect(changes).toBe(0);
  });

  it('stays while nobody is short of anything', () => {
    const { changes } = follow(start, 1800, () => [1, 15]);
    expect(changes).toBe(0);
  });

  it('comes to rest under a mix that swings between two', () => {
    const { changes } = follow(start, 7200, (atMs) => (atMs % 20_000 === 0 ? [50, 20] : [20, 30]));
    expect(changes).toBeLessThanOrEqual(1);
  });
});
