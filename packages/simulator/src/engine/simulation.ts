import type { Clock } from '@isotherm/kernel';
import { createAgenda } from './agenda.ts';

/** Is called when the time has come that it asked for; it asks for the next by its alarms. */
export type Actor = (which: number) => void;

/** The line of a group of actors to the agenda: each of them has one alarm. */
export interface Alarms {
  /** Calls it at this time, instead of at the one that was set before. */
  set(which: number, atMs: number): void;
  clear(which: number): void;
}

/** Time that passes as fast as it can be computed: actors, the one next time of each, and a loop. */
export interface Simulation {
  /**
   * The time now, in milliseconds, as the only element: numbers in typed arrays are written and handed round without an
   * allocation, which variables and arguments are not.
   */
  readonly time: Float64Array;
  /** The same as what policies are given where they ask for a clock. */
  readonly clock: Clock;
  /** Calls of actors so far. */
  readonly events: number;
  /** Adds so many actors that are alike, for ever: who comes and goes is what they keep among themselves. */
  add(count: number, actor: Actor): Alarms;
  /** Calls whoever is due, in order, up to and at this time. */
  runUntil(endMs: number): void;
}

export const createSimulation = (): Simulation => {
  const agenda = createAgenda();
  const groups: { readonly actor: Actor; readonly first: number }[] = [];
  /** Of each actor: its group. */
  let groupOf = new Int32Array(64);
  let actors = 0;
  const time = new Float64Array(1);
  let events = 0;
  return {
    time,
    clock: { nowMs: () => time[0] as number, monotonicMs: () => time[0] as number },
    get events() {
      return events;
    },
    add: (count, actor) => {
      const first = actors;
      actors += count;
      const grown = new Int32Array(Math.max(actors, groupOf.length));
      grown.set(groupOf);
      groupOf = grown.fill(groups.push({ actor, first }) - 1, first, actors);
      return {
        // Nobody reaches into the past: what should have been is now.
        set: (which, atMs) => {
          const nowMs = time[0] as number;
          agenda.schedule(first + which, atMs > nowMs ? atMs : nowMs);
        },
        clear: (which) => agenda.cancel(first + which),
      };
    },
    runUntil: (endMs) => {
      for (;;) {
        const dueMs = agenda.nextMs;
        if (!(dueMs <= endMs) || dueMs === Infinity) break;
        time[0] = dueMs;
        const number = agenda.begin();
        const group = groups[groupOf[number] as number];
        events += 1;
        group?.actor(number - group.first);
        agenda.end();
      }
      if (endMs < Infinity) time[0] = Math.max(time[0] as number, endMs);
    },
  };
};
