import { Fault } from '@isotherm/kernel';
import { emptyFloats, type FloatData, type FloatType } from './float-data.ts';

/**
 * The KV cache of a running batch: for each tensor one buffer in which the batch lies as [rows, kvHeads, room, headSize]. A slot is a row; occupied rows are 0 to n-1 when a step runs, so that the first n
 * are fed to the graph as they lie. The room (in tokens) follows the longest row, and where it changes the rows move
 * within the buffer. Memory that was never written to is not taken by the process.
 */
export interface SlotCache {
  readonly roomTokens: number;
  /** Bytes of all buffers. */
  readonly bytes: number;
  /**
   * Makes room for rows of `tokens` tokens; what must be kept are the given lengths of rows 0, 1, and so on.
   * Faults: `saturated` when so many rows of that room do not fit the buffers.
   */
  reserve(tokens: number, lengths: readonly number[]): void;
  /** Writes a row's start: tensors [kvHeads, tokens, headSize] in cache order. */
  put(row: number, tensors: readonly FloatData[], tokens: number): void;
  /** Copies one token out of `source`, [rows, kvHeads, source.tokens, headSize], to position `at` of a row. */
  append(row: number, at: number, source: TokenSource): void;
  /** Copies the first `tokens` tokens of one row over another. */
  move(from: number, to: number, tokens: number): void;
  /** The first `rows` rows of a tensor, without copying: [rows, kvHeads, room, headSize]. */
  view(tensor: number, rows: number): FloatData;
  /** Some rows of one length side by side: [rows, kvHeads, tokens, headSize], copied. */
  gather(tensor: number, rows: readonly number[], tokens: number): FloatData;
}

export interface TokenSource {
  readonly tensors: readonly FloatData[];
  /** Row in `tensors`. */
  readonly row: number;
  /** Tokens of each row in `tensors`. */
  readonly tokens: number;
  /** Which of them to take. */
  readonly position: number;
}

export interface SlotCacheOptions {
  readonly type: FloatType;
  /** How many tensors a row has. */
  readonly tensors: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** The room of rows whose longest has so many tokens. */
  readonly roomOf: (tokens: number) => number;
  /** Size of each buffer at the start: tokens of all rows together, room that is not used included. */
  readonly tokens: number;
  /** Largest size of a buffer; up to it they are allocated anew when they must grow. */
  readonly tokensMax: number;
}

type StartOfHead = (head: number) => number;

/** Copies the first tokens of each head of a row: `start` says where a head begins in either array. */
const headCopier =
  (kvHeads: number, headSize: number) =>
  (
    target: FloatData,
    targetStart: StartOfHead,
    source: FloatData,
    sourceStart: StartOfHead,
    tokens: number,
  ): void => {
    for (let head = 0; head < kvHeads; head++) {
      const start = sourceStart(head);
      target.set(source.subarray(start, start + tokens * headSize), targetStart(head));
    }
  };

export const createSlotCache = (options: SlotCacheOptions): SlotCache => {
  const { type, kvHeads, headSize, roomOf, tokensMax } = options;
  const allocate = (tokens: number): readonly FloatData[] =>
    Array.from({ length: options.tensors }, () => emptyFloats(type, tokens * kvHeads * headSize));
  let size = options.tokens;
  let buffers = allocate(size);
  let room = roomOf(1);

  const buffer = (index: number): FloatData => buffers[index] ?? emptyFloats(type, 0);
  const headStart = (row: number, head: number, tokens: number): number =>
    (row * kvHeads + head) * tokens * headSize;
  const copyHeads = headCopier(kvHeads, headSize);
  /** Gives the rows another room. When it grows the last moves first, so that none is written over. */
  const relay = (next: number, lengths: readonly number[]): void => {
    const heads = lengths.flatMap((tokens, row) =>
      Array.from({ length: kvHeads }, (_, head) => ({ tokens, row, head })),
    );
    if (next > room) heads.reverse();
    const needed = Math.max(size, lengths.length * next);
    const targets = needed > size ? allocate(needed) : buffers;
    buffers.forEach((source, index) => {
      for (const { tokens, row, head } of heads) {
        const start = headStart(row, head, room);
        const moved = source.subarray(start, start + tokens * headSize);
        targets[index]?.set(moved, headStart(row, head, next));
      }
    });
    buffers = targets;
    size = needed;
    room = next;
  };

  return {
    get roomTokens() {
      return room;
    },
    get bytes() {
      return buffers.reduce((sum, data) => sum + data.byteLength, 0);
    },
    reserve: (tokens, lengths) => {
      const wanted = roomOf(Math.max(tokens, ...lengths));
      const rows = Math.max(1, lengths.length);
      if (rows * wanted > tokensMax) {
        throw new Fault('saturated', `The KV cache has no room for ${rows} rows of ${wanted}.`);
      }
      // Shrinking costs a copy, and the next long row would undo it.
      const fits = wanted <= room && room < 2 * wanted && rows * room <= size;
      if (!fits) relay(wanted, lengths);
    },
    put: (row, sources, tokens) => {
      sources.forEach((source, index) => {
        copyHeads(
          buffer(index),
          (head) => headStart(row, head, room),
          source,
          (head) => head * tokens * headSize,
          tokens,
        );
      });
    },
    append: (row, at, source) => {
      source.tensors.forEach((tensor, index) => {
        copyHeads(
          buffer(index),
          (head) => headStart(row, head, room) + at * headSize,
          tensor,
          (head) => headStart(source.row, head, source.tokens) + source.position * headSize,
          1,
        );
      });
    },
    move: (from, to, tokens) => {
      buffers.forEach((data) => {
        copyHeads(
          data,
          (head) => headStart(to, head, room),
          data,
          (head) => headStart(from, head, room),
          tokens,
        );
      });
    },
    view: (tensor, rows) => buffer(tensor).subarray(0, rows * kvHeads * room * headSize),
    gather: (tensor, rows, tokens) => {
      const gathered = emptyFloats(type, rows.length * kvHeads * tokens * headSize);
      rows.forEach((row, place) => {
        copyHeads(
          gathered,
          (head) => headStart(place, head, tokens),
          buffer(tensor),
          (head) => headStart(row, head, room),
          tokens,
        );
      });
      return gathered;
    },
  };
};
