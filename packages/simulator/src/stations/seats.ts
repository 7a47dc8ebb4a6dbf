import type { Job } from './station-bank.ts';

/** The sequences that run at each of many stations, and after how many steps each has to go. */
export interface Seats {
  taken(station: number): number;
  /** Tokens of all contexts of a station together. */
  context(station: number): number;
  sit(station: number, job: Job, context: number, steps: number): void;
  /** Steps until the next one has to go. */
  stepsToNext(station: number): number;
  /** All make so many steps. */
  advance(station: number, steps: number): void;
  /** One who has to go, gone; −1 where there is none. */
  leave(station: number): Job;
}

/** A heap of two children a node for each station, by the step after which a sequence goes. */
export const createSeats = (stations: number, seats: number): Seats => {
  const lastSteps = new Float64Array(stations * seats);
  const jobs = new Int32Array(stations * seats);
  /** What a context would have been at step 0: it grows by one a step, as all do. */
  const bases = new Float64Array(stations * seats);
  const counts = new Int32Array(stations);
  const contexts = new Float64Array(stations);
  const stepsDone = new Float64Array(stations);

  const move = (from: number, to: number): void => {
    lastSteps[to] = lastSteps[from] as number;
    jobs[to] = jobs[from] as number;
    bases[to] = bases[from] as number;
  };
  /** The last of the heap goes where the first was. */
  const sink = (first: number, count: number): void => {
    const last = first + count;
    const lastStep = lastSteps[last] as number;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      const isOther =
        child + 1 < count &&
        (lastSteps[first + child + 1] as number) < (lastSteps[first + child] as number);
      if (isOther) child += 1;
      if (lastStep <= (lastSteps[first + child] as number)) break;
      move(first + child, first + place);
      place = child;
    }
    move(last, first + place);
  };

  return {
    taken: (station) => counts[station] as number,
    context: (station) => contexts[station] as number,
    stepsToNext: (station) =>
      (lastSteps[station * seats] as number) - (stepsDone[station] as number),
    sit(station, job, context, steps) {
      const first = station * seats;
      const done = stepsDone[station] as number;
      let place = counts[station] as number;
      while (place > 0) {
        const above = (place - 1) >> 1;
        if ((lastSteps[first + above] as number) <= done + steps) break;
        move(first + above, first + place);
        place = above;
      }
      lastSteps[first + place] = done + steps;
      jobs[first + place] = job;
      bases[first + place] = context - done;
      counts[station] = (counts[station] as number) + 1;
      contexts[station] = (contexts[station] as number) + context;
    },
    advance(station, steps) {
      stepsDone[station] = (stepsDone[station] as number) + steps;
      const grown = steps * (counts[station] as number);
      contexts[station] = (contexts[station] as number) + grown;
    },
    leave(station) {
      const first = station * seats;
      const count = counts[station] as number;
      const done = stepsDone[station] as number;
      if (count === 0 || (lastSteps[first] as number) > done) return -1;
      const job = jobs[first] as number;
      const context = (bases[first] as number) + done;
      counts[station] = count - 1;
      contexts[station] = (contexts[station] as number) - context;
      sink(first, count - 1);
      return job;
    },
  };
};
