import type { Simulation } from '../engine/simulation.ts';
import { type UsageKind, usageKinds } from '../stations/usage.ts';

/** Processors that several instances share, each of them a thread. */
export interface HostCores {
  readonly cores: number;
  /**
   * By what the speed of work of a kind is multiplied beside other work while there are cores for all who have some: what schedulers
   * lose when they put two threads on one core and another has none. 1 where absent. Where there are more threads than cores
   * no core is ever without work and nothing is lost: all of them get equal parts.
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

export const createHost = ({ time, add }: Simulation, { cores, crowded = {} }: HostCores): Host => {
  const speeds = usageKinds.map((kind) => crowded[kind] ?? 1);
  const threads: Thread[] = [];
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
  /** Speeds until the next change, and when that is. */
  const plan = (): void => {
    const free = Math.max(leftoverCores, cores - (loopsMs > roundingMs ? 1 : 0));
    const mayLose = busy.length > 1 && busy.length <= Math.ceil(free);
    const each = Math.min(busy.length, free) / busy.length;
    let nextMs = loopsMs > roundingMs ? loopsMs / Math.min(1, cores) : Infinity;
    for (const thread of busy) {
      thread.speed = mayLose ? Math.min(1, each * (speeds[thread.kind] as number)) : each;
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
        threads.push({ index, which, kind: idle, leftMs: 0, speed: 0, onDone });
      }
      return {
        begin: (which, kind, workMs) => {
          const thread = threads[first + which] as Thread;
          settle();
          if (thread.kind === idle) busy.push(thread);
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
}
