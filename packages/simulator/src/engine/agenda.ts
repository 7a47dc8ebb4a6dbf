/**
 * Who does something next, and when: each actor has at most one time at which it wants to be called. Memory is therefore
 * that of the actors, however many events a run has, and an actor that changes its mind leaves nothing behind.
 *
 * An indexed heap of four children a node over typed arrays: nothing is allocated for an event. At equal times the actor
 * with the lower number goes first, so that an order never depends on how it came about.
 */
export interface Agenda {
  /** When the next actor is due; Infinity where none is. */
  readonly nextMs: number;
  /** Sets, or moves, the one time of an actor. Actors are numbers from 0, as small as can be. */
  schedule(actor: number, atMs: number): void;
  cancel(actor: number): void;
  /** Takes the next actor out; −1 where there is none. */
  take(): number;
  /**
   * The next actor, which stays where it is until `end`: one that asks for its next time meanwhile, as most do, is moved once
   * instead of taken out and put in.
   */
  begin(): number;
  /** Takes it out unless it has asked for another time. */
  end(): void;
}

const children = 4;
const absent = -1;

export const createAgenda = (actorsExpected = 64): Agenda => {
  /** Actors in heap order, and their times at the same places. */
  let heap = new Int32Array(actorsExpected);
  let times = new Float64Array(actorsExpected);
  /** Of each actor: its place in the heap. */
  let places = new Int32Array(actorsExpected).fill(absent);
  let size = 0;
  /** Who has begun and has not asked for another time. */
  let begun = absent;

  const makeRoom = (actor: number): void => {
    if (actor < places.length) return;
    const length = Math.max(actor + 1, places.length * 2);
    places = grownInts(places, length, absent);
    heap = grownInts(heap, length, 0);
    times = grownNumbers(times, length);
  };

  /** Puts an actor where it belongs, from a place upwards. */
  const rise = (from: number, actor: number, atMs: number): void => {
    let place = from;
    while (place > 0) {
      const above = ((place - 1) / children) | 0;
      const aboveMs = times[above] as number;
      const aboveActor = heap[above] as number;
      if (aboveMs < atMs || (aboveMs === atMs && aboveActor < actor)) break;
      heap[place] = aboveActor;
      times[place] = aboveMs;
      places[aboveActor] = place;
      place = above;
    }
    heap[place] = actor;
    times[place] = atMs;
    places[actor] = place;
  };

  /** The same downwards. */
  const sink = (from: number, actor: number, atMs: number): void => {
    let place = from;
    for (;;) {
      const first = place * children + 1;
      if (first >= size) break;
      const end = Math.min(first + children, size);
      let least = first;
      for (let child = first + 1; child < end; child += 1) {
        const childMs = times[child] as number;
        const leastMs = times[least] as number;
        const isLess =
          childMs < leastMs ||
          (childMs === leastMs && (heap[child] as number) < (heap[least] as number));
        if (isLess) least = child;
      }
      const leastMs = times[least] as number;
      const leastActor = heap[least] as number;
      if (atMs < leastMs || (atMs === leastMs && actor < leastActor)) break;
      heap[place] = leastActor;
      times[place] = leastMs;
      places[leastActor] = place;
      place = least;
    }
    heap[place] = actor;
    times[place] = atMs;
    places[actor] = place;
  };

  const remove = (place: number): void => {
    places[heap[place] as number] = absent;
    size -= 1;
    if (place === size) return;
    const actor = heap[size] as number;
    const atMs = times[size] as number;
    sink(place, actor, atMs);
    if (places[actor] === place) rise(place, actor, atMs);
  };

  return {
    get nextMs() {
      return size === 0 ? Infinity : (times[0] as number);
    },
    schedule(actor, atMs) {
      makeRoom(actor);
      if (actor === begun) begun = absent;
      const place = places[actor] as number;
      if (place === absent) {
        size += 1;
        rise(size - 1, actor, atMs);
      } else if (atMs < (times[place] as number)) rise(place, actor, atMs);
      else sink(place, actor, atMs);
    },
    cancel(actor) {
      const place = places[actor] ?? absent;
      if (place !== absent) remove(place);
      if (actor === begun) begun = absent;
    },
    begin() {
      begun = size === 0 ? absent : (heap[0] as number);
      return begun;
    },
    end() {
      if (begun !== absent) remove(places[begun] as number);
      begun = absent;
    },
    take() {
      if (size === 0) return absent;
      const actor = heap[0] as number;
      remove(0);
      return actor;
    },
  };
};

const grownInts = (values: Int32Array, length: number, fill: number): Int32Array<ArrayBuffer> => {
  const grown = new Int32Array(length).fill(fill);
  grown.set(values);
  return grown;
};

const grownNumbers = (values: Float64Array, length: number): Float64Array<ArrayBuffer> => {
  const grown = new Float64Array(length);
  grown.set(values);
  return grown;
};
