import { describe, expect, it } from '@jest/globals';
import { createSimulation } from '../engine/simulation.ts';
import { usageKinds } from '../stations/usage.ts';
import { createHost, type HostCores } from './host.ts';

const [encode, prefill, decode] = usageKinds.map((_, kind) => kind) as [number, number, number];

const hostOf = (cores: HostCores, threads = 4) => {
  const simulation = createSimulation();
  const host = createHost(simulation, cores);
  const seen: string[] = [];
  const group = host.add(threads, (which) => seen.push(`${which} at ${simulation.time[0]}`));
  return { simulation, host, group, seen };
};

describe('a host', () => {
  it('gives each thread a core while there are cores, and shares them evenly when there are not', () => {
    const { simulation, group, seen } = hostOf({ cores: 2 });
    group.begin(0, encode, 10);
    group.begin(1, prefill, 10);
    simulation.runUntil(4);
    group.begin(2, decode, 4);
    simulation.runUntil(Infinity);
    // From 4 on each has two thirds of a core: the third is done after 6 of them, when the others have 2 to go.
    expect(seen).toEqual(['2 at 10', '0 at 12', '1 at 12']);
  });

  it('lets threads begin their next work when they are told of the end of the last', () => {
    const simulation = createSimulation();
    const host = createHost(simulation, { cores: 1 });
    const ends: number[] = [];
    const group = host.add(1, () => {
      ends.push(simulation.clock.nowMs());
      if (ends.length < 3) group.begin(0, decode, 5);
    });
    group.begin(0, decode, 5);
    simulation.runUntil(Infinity);
    expect(ends).toEqual([5, 10, 15]);
  });

  it('multiplies speeds as soon as two have work, each kind by its own', () => {
    const { simulation, group, seen } = hostOf({ cores: 2, crowded: { decode: 0.5, encode: 2 } });
    group.begin(0, decode, 10);
    group.begin(1, prefill, 8);
    simulation.runUntil(9);
    expect(seen).toEqual(['1 at 8']);
    // Nobody is faster than alone.
    group.begin(1, encode, 2);
    simulation.runUntil(Infinity);
    expect(seen.slice(1)).toEqual(['1 at 11', '0 at 15']);
  });

  it('loses nothing where there are more threads than cores', () => {
    const { simulation, group, seen } = hostOf({ cores: 2, crowded: { encode: 0.5, decode: 0.7 } });
    for (const which of [0, 1, 2]) group.begin(which, which, 10);
    simulation.runUntil(Infinity);
    expect(seen).toEqual(['0 at 15', '1 at 15', '2 at 15']);
  });

  it('lets event loops go before', () => {
    const { simulation, host, group, seen } = hostOf({ cores: 2 });
    group.begin(0, encode, 10);
    group.begin(1, encode, 10);
    host.spend(2);
    host.spend(2);
    simulation.runUntil(Infinity);
    // Four milliseconds with one core for both, then one each.
    expect(seen).toEqual(['0 at 12', '1 at 12']);
  });
});
