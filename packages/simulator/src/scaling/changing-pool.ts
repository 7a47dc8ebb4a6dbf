import type { FleetInstance } from '../pipeline/fleet.ts';

const off = 0;
const starting = 1;
const serving = 2;
const draining = 3;

/** Instances of one role of which some are there: what starts takes its time, what goes ends what it has, and only then is off. */
export interface ChangingPool {
  readonly instances: readonly FleetInstance[];
  readonly states: number[];
  readonly readyAtMs: number[];
}

/** The first so many are there. */
export const changingPool = (instances: readonly FleetInstance[], first: number): ChangingPool => {
  const states = instances.map((_, at) => (at < first ? serving : off));
  instances.forEach(({ view }, at) => (view.ready = states[at] === serving));
  return { instances, states, readyAtMs: instances.map(() => 0) };
};

/** Those that are not off: starting and draining ones too. */
export const presentIn = ({ states }: ChangingPool): number =>
  states.filter((state) => state !== off).length;

export const servingIn = ({ states }: ChangingPool): number =>
  states.filter((state) => state === serving).length;

/** Those that take work, or will. */
export const wantedIn = ({ states }: ChangingPool): number =>
  states.filter((state) => state === starting || state === serving).length;

/** Ends what has started, and what has nothing left to do; whether anybody takes work that did not. */
export const settle = ({ instances, states, readyAtMs }: ChangingPool, nowMs: number): boolean => {
  let isNew = false;
  instances.forEach(({ view, bank, station }, at) => {
    if (states[at] === starting && (readyAtMs[at] as number) <= nowMs) {
      states[at] = serving;
      view.ready = true;
      isNew = true;
    }
    const isIdle = bank.running(station) + bank.waiting(station) === 0;
    if (states[at] === draining && isIdle && view.bookedTokens === 0) states[at] = off;
  });
  return isNew;
};

const those = (
  order: Iterable<number>,
  { states }: ChangingPool,
  state: number,
  count: number,
): readonly number[] =>
  [...order].filter((at) => states[at] === state).slice(0, Math.max(0, count));

const turn = ({ instances, states }: ChangingPool, at: number, state: number): void => {
  states[at] = state;
  (instances[at] as FleetInstance).view.ready = state === serving;
};

/** Lets up to so many that were on their way out serve on; how many. */
export const keepOn = (pool: ChangingPool, count: number): number => {
  const back = those(pool.instances.keys(), pool, draining, count);
  for (const at of back) turn(pool, at, serving);
  return back.length;
};

/** Starts up to so many; how many. */
export const startIn = (pool: ChangingPool, count: number, readyAtMs: number): number => {
  const fresh = those(pool.instances.keys(), pool, off, count);
  for (const at of fresh) {
    pool.states[at] = starting;
    pool.readyAtMs[at] = readyAtMs;
  }
  return fresh.length;
};

/** Lets so many go: those that have not started yet, then those with the least to do. How many were `unborn`, and are `going`. */
export const letGo = (
  pool: ChangingPool,
  count: number,
): { readonly unborn: number; readonly going: number } => {
  const bookedOf = (at: number): number => pool.instances[at]?.view.bookedTokens ?? 0;
  const order = [...pool.instances.keys()].toSorted((a, b) => bookedOf(a) - bookedOf(b) || a - b);
  const unborn = those(order, pool, starting, count);
  for (const at of unborn) pool.states[at] = off;
  const going = those(order, pool, serving, count - unborn.length);
  for (const at of going) turn(pool, at, draining);
  return { unborn: unborn.length, going: going.length };
};
