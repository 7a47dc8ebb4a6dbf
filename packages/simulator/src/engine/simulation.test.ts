import { describe, expect, it } from '@jest/globals';
import { createSimulation } from './simulation.ts';

describe('a simulation', () => {
  it('calls actors in the order of time, up to its end and no further', () => {
    const simulation = createSimulation();
    const seen: string[] = [];
    const ticks = simulation.add(2, (which) => {
      const nowMs = simulation.clock.nowMs();
      seen.push(`tick ${which} at ${nowMs}`);
      ticks.set(which, nowMs + 10);
    });
    const once = simulation.add(1, () => seen.push(`once at ${simulation.time[0]}`));
    ticks.set(1, 10);
    ticks.set(0, 11);
    once.set(0, 15);
    simulation.runUntil(20);
    expect(seen).toEqual(['tick 1 at 10', 'tick 0 at 11', 'once at 15', 'tick 1 at 20']);
    expect([simulation.time[0], simulation.events]).toEqual([20, 4]);
    simulation.runUntil(20.5);
    expect(simulation.clock.monotonicMs()).toBe(20.5);
  });

  it('ends when nobody has anything to do, and never goes back in time', () => {
    const simulation = createSimulation();
    const seen: number[] = [];
    const late = simulation.add(1, () => {
      seen.push(simulation.clock.nowMs());
      if (seen.length < 3) late.set(0, simulation.clock.nowMs() - 100);
    });
    late.set(0, 7);
    simulation.runUntil(Infinity);
    expect(seen).toEqual([7, 7, 7]);
    late.set(0, 8);
    late.clear(0);
    simulation.runUntil(Infinity);
    expect(seen).toHaveLength(3);
  });
});
