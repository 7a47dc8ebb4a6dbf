import type { Simulation } from '../engine/simulation.ts';

/** How long a router holds large requests back for small ones. */
export interface LargeTurnBounds {
  /** Longest time that a free turn is held back while a small request is under way, in milliseconds. */
  readonly yieldMsMax: number;
}

/**
 * What a router does so that large requests do not hold up small ones, as its `createTurns` does it: large ones are read and
 * handed to the stages one after the other, and each of them waits a while where a small one is under way. The more small
 * ones there are, the more of the large ones wait: this is not what a hop takes, and not to be found in a stack without load.
 */
export interface LargeTurns {
  /** A large request asks for its turn. */
  take(row: number): void;
  /** One that had its turn is with the stages. */
  giveBack(): void;
  smallBegins(): void;
  smallEnds(): void;
}

export const createLargeTurns = (
  simulation: Simulation,
  { yieldMsMax }: LargeTurnBounds,
  onTurn: (row: number) => void,
): LargeTurns => {
  const { time } = simulation;
  const waiting: number[] = [];
  let taken = false;
  let small = 0;
  let yielding = false;

  const begin = (): void => {
    if (yielding) alarm.clear(0);
    yielding = false;
    const next = waiting.shift();
    if (next === undefined) return;
    taken = true;
    onTurn(next);
  };
  const alarm = simulation.add(1, begin);
  const advance = (): void => {
    if (waiting.length === 0 || taken) return;
    if (small === 0) begin();
    else if (!yielding) {
      yielding = true;
      alarm.set(0, (time[0] as number) + yieldMsMax);
    }
  };
  return {
    take: (row) => {
      waiting.push(row);
      advance();
    },
    giveBack: () => {
      taken = false;
      advance();
    },
    smallBegins: () => {
      small += 1;
    },
    smallEnds: () => {
      small -= 1;
      advance();
    },
  };
};
