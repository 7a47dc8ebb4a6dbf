import { describe, expect, it } from '@jest/globals';
import { createSimulation } from '../engine/simulation.ts';
import { createLargeTurns } from './large-turns.ts';

const open = (yieldMsMax: number) => {
  const simulation = createSimulation();
  const seen: string[] = [];
  const turns = createLargeTurns(simulation, { yieldMsMax }, (row) =>
    seen.push(`${row} at ${simulation.time[0]}`),
  );
  return { simulation, turns, seen };
};

describe('turns of large requests', () => {
  it('come at once, and one after the other, while no small one is under way', () => {
    const { turns, seen } = open(20);
    turns.take(1);
    turns.take(2);
    expect(seen).toEqual(['1 at 0']);
    turns.giveBack();
    expect(seen).toEqual(['1 at 0', '2 at 0']);
  });

  it('are held back beside a small one, each anew, and no longer than the bound', () => {
    const { simulation, turns, seen } = open(20);
    turns.smallBegins();
    turns.take(1);
    turns.take(2);
    simulation.runUntil(30);
    expect(seen).toEqual(['1 at 20']);
    turns.giveBack();
    simulation.runUntil(49);
    expect(seen).toEqual(['1 at 20']);
    simulation.runUntil(60);
    expect(seen).toEqual(['1 at 20', '2 at 50']);
  });

  it('come as soon as the last small one has ended', () => {
    const { simulation, turns, seen } = open(20);
    turns.smallBegins();
    turns.smallBegins();
    turns.take(1);
    simulation.runUntil(5);
    turns.smallEnds();
    expect(seen).toEqual([]);
    turns.smallEnds();
    expect(seen).toEqual(['1 at 5']);
    turns.giveBack();
    turns.smallBegins();
    turns.take(2);
    // The alarm of the first must not give the second its turn.
    simulation.runUntil(24);
    expect(seen).toEqual(['1 at 5']);
    simulation.runUntil(25);
    expect(seen).toEqual(['1 at 5', '2 at 25']);
  });
});
