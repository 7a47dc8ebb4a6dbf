import type { Simulation } from '../engine/simulation.ts';
import { type UsageKind, usageKinds } from '../stations/usage.ts';

/** Processors that several instances share, each of them a thread. */
export interface HostCores {
  readonly cores: number;
  /**
   * `even` (where absent): all threads get equal parts of all cores. `by-core`: as Linux does it with few of them. A thread goes to a
   * core without work, else to the one that it had last, and shares that core alone; a core that runs out of work takes a
   * thread from another.
   */
  readonly turns?: 'even' | 'by-core';
  /**
   * By what the speed of work of a kind is multiplied while other threads have work, too: what schedulers lose (two threads on
   * one core while another has none, cold caches and memory that is shared), and more than 1 for what they prefer. 1 where absent.
   */
  readonly crowded?: Readonly<Partial<Record<UsageKind, number>>>;
}

/** Threads that are alike; each does one piece of work at a time. */
export interface HostThreads {
  /** Begins work of a kind (its number in `usageKinds`) that would take so long with a core and the memory to itself. */
  begin(which: number, kind: number, workMs: number): void;
}

/** A host whose threads take turns that are short beside their work. */
export interface Host {
  /** `onDone` is told of the end of each piece of work, and may begin the next. */
  add(count: number, onDone: (which: number) => void): HostThreads;
  /** Work of event loops, which goes before all threads, on one core at a time; nobody waits for its end. */
  spend(workMs: number): void;
}

const idle = -1;
/** What is left of a piece of work by rounding. */
const roundingMs = 1e-9;
/** Share of a core that is left to threads where event loops take all. */
const leftoverCores = 0.05;

export const createHost = (
  { time, add }: Simulation,
  { cores, turns = 'even', crowded = {} }: HostCores,
): Host => {
  const byCore = turns === 'by-core';
  const crowdedSpeeds = usageKinds.map((kind) => crowded[kind] ?? 1);
  const threads: Thread[] = [];
  /** Threads with work, by core. */
  const counts = new Int32Array(Math.max(1, Math.ceil(cores)));
  /** Those with work, in no order that matters. */
  const busy: Thread[] = [];
  let loopsMs = 0;
  let settledMs = 0;
  let calling = false;

  /** Takes off what was done since the last change. */
  const settle = (): void => {
    const elapsedMs = (time[0] as number) - settledMs;
    settledMs = time[0] as number;
    if (elapsedMs === 0) return;
    for (const thread of busy) thread.leftMs -= elapsedMs * thread.speed;
    loopsMs = Math.max(0, loopsMs - elapsedMs * Math.min(1, cores));
  };
  /** Cores without work take the threads that came last from those with the most. */
  const balance = (): void => {
    for (let core = counts.indexOf(0); core >= 0; core = counts.indexOf(0)) {
      const most = counts.indexOf(Math.max(...counts));
      if ((counts[most] as number) < 2) return;
      const moved = busy.findLast((thread) => thread.core === most);
      if (moved === undefined) return;
      leave(counts, moved);
      enter(counts, moved, core);
    }
  };
  /** Speeds until the next change, and when that is. */
  const plan = (): void => {
    if (byCore) balance();
    const free = Math.max(leftoverCores, cores - (loopsMs > roundingMs ? 1 : 0));
    const running = Math.min(busy.length, free);
    const left = running / Math.min(busy.length, cores);
    let nextMs = loopsMs > roundingMs ? loopsMs / Math.min(1, cores) : Infinity;
    for (const thread of busy) {
      const share = byCore ? left / (counts[thread.core] as number) : running / busy.length;
      const times = busy.length > 1 ? (crowdedSpeeds[thread.kind] as number) : 1;
      thread.speed = Math.min(1, share * times);
      nextMs = Math.min(nextMs, Math.max(0, thread.leftMs) / thread.speed);
    }
    if (nextMs < Infinity) alarm.set(0, settledMs + nextMs);
    else alarm.clear(0);
  };
  const change = (): void => {
    if (!calling) plan();
  };

  const alarm = add(1, () => {
    settle();
    const done = busy.filter(({ leftMs }) => leftMs <= roundingMs);
    calling = true;
    for (const thread of done.toSorted((one, other) => one.index - other.index)) {
      busy.splice(busy.indexOf(thread), 1);
      thread.kind = idle;
      leave(counts, thread);
      thread.onDone(thread.which);
    }
    calling = false;
    plan();
  });

  return {
    add: (count, onDone) => {
      const first = threads.length;
      for (let which = 0; which < count; which += 1) {
        const index = first + which;
        const core = index % counts.length;
        threads.push({ index, which, kind: idle, leftMs: 0, speed: 0, core, onDone });
      }
      return {
        begin: (which, kind, workMs) => {
          const thread = threads[first + which] as Thread;
          settle();
          if (thread.kind === idle) {
            busy.push(thread);
            const free = counts.indexOf(0);
            enter(counts, thread, counts[thread.core] === 0 || free < 0 ? thread.core : free);
          }
          thread.kind = kind;
          thread.leftMs = workMs;
          change();
        },
      };
    },
    spend: (workMs) => {
      if (workMs <= 0) return;
      settle();
      loopsMs += workMs;
      change();
    },
  };
};

interface Thread {
  readonly index: number;
  readonly which: number;
  readonly onDone: (which: number) => void;
  kind: number;
  leftMs: number;
  speed: number;
  /** Where it runs, or did last. */
  core: number;
}

const enter = (counts: Int32Array, thread: Thread, core: number): void => {
  thread.core = core;
  counts[core] = (counts[core] as number) + 1;
};

const leave = (counts: Int32Array, { core }: Thread): void => {
  counts[core] = (counts[core] as number) - 1;
};
