import { emptyFloats, type FloatData, type FloatType } from './float-data.ts';
import { inBlocks } from './slot-layout.ts';

/**
 * The KV cache of a running batch. For each tensor one buffer [slots, kvHeads, capacity, headSize]; a slot is a row
 * of it, and occupied rows are 0 to n-1 when a step runs, so that the first n rows are fed to the graph as they lie.
 */
export interface SlotCache {
  readonly capacityTokens: number;
  /** Bytes of all buffers. Memory that was never written to is not taken by the process. */
  readonly bytes: number;
  /** Makes room for rows of `tokens` tokens; what must be kept are the given lengths of rows 0, 1, and so on. */
  reserve(tokens: number, lengths: readonly number[]): void;
  /** Writes a row's start: tensors [kvHeads, tokens, headSize] in cache order. */
  put(row: number, tensors: readonly FloatData[], tokens: number): void;
  /** Copies one token out of `source`, [rows, kvHeads, source.tokens, headSize], to position `at` of a row. */
  append(row: number, at: number, source: TokenSource): void;
  /** Copies the first `tokens` tokens of one row over another. */
  move(from: number, to: number, tokens: number): void;
  /** The first `rows` rows of a tensor, without copying: [rows, kvHeads, capacity, headSize]. */
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

/** The capacity for rows of `tokens` tokens, given the one there is; another value means a copy of the cache. */
export type CapacityRule = (tokens: number, currentTokens: number) => number;

/**
 * Room from the start: nothing is copied until a row outgrows it, and then the room doubles (up to `tokensMax`), so that
 * it happens a few times in the life of a process. For graphs to which unused room costs nothing.
 */
export const preallocated =
  (tokensMax: number): CapacityRule =>
  (tokens, currentTokens) =>
    tokens <= currentTokens
      ? currentTokens
      : Math.max(inBlocks(tokens), Math.min(2 * currentTokens, tokensMax));

/**
 * Room that follows the longest row in blocks. For graphs that read or copy their whole past. Shrinking waits until
 * half of the room is idle: it costs a copy, and the next long row would undo it.
 */
export const closeFitting: CapacityRule = (tokens, currentTokens) => {
  const wanted = inBlocks(tokens);
  return wanted <= currentTokens && wanted * 2 > currentTokens ? currentTokens : wanted;
};

export interface SlotCacheOptions {
  readonly type: FloatType;
  /** How many tensors a row has. */
  readonly tensors: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly slots: number;
  /** Room of a row at the start. */
  readonly capacityTokens: number;
  readonly capacityRule: CapacityRule;
}

export const createSlotCache = (options: SlotCacheOptions): SlotCache => {
  const { type, slots, kvHeads, headSize } = options;
  const allocate = (capacity: number): FloatData[] =>
    Array.from({ length: options.tensors }, () =>
      emptyFloats(type, slots * kvHeads * capacity * headSize),
    );
  let capacity = options.capacityTokens;
  let buffers = allocate(capacity);

  const buffer = (index: number): FloatData => buffers[index] ?? emptyFloats(type, 0);
  /** Where the tokens of one head of one row begin in a buffer of some capacity. */
  const headStart = (row: number, head: number, capacityTokens: number): number =>
    (row * kvHeads + head) * capacityTokens * headSize;
  const copyHeads = (
    target: FloatData,
    targetStart: (head: number) => number,
    source: FloatData,
    sourceStart: (head: number) => number,
    tokens: number,
  ): void => {
    for (let head = 0; head < kvHeads; head++) {
      const start = sourceStart(head);
      target.set(source.subarray(start, start + tokens * headSize), targetStart(head));
    }
  };

  return {
    get capacityTokens() {
      return capacity;
    },
    get bytes() {
      return buffers.reduce((sum, data) => sum + data.byteLength, 0);
    },
    reserve: (tokens, lengths) => {
      const wanted = options.capacityRule(tokens, capacity);
      if (wanted === capacity) return;
      const old = { buffers, capacity };
      buffers = allocate(wanted);
      capacity = wanted;
      old.buffers.forEach((source, index) => {
        lengths.forEach((length, row) => {
          copyHeads(
            buffer(index),
            (head) => headStart(row, head, capacity),
            source,
            (head) => headStart(row, head, old.capacity),
            length,
          );
        });
      });
    },
    put: (row, sources, tokens) => {
      sources.forEach((source, index) => {
        copyHeads(
          buffer(index),
          (head) => headStart(row, head, capacity),
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
          (head) => headStart(row, head, capacity) + at * headSize,
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
          (head) => headStart(to, head, capacity),
          data,
          (head) => headStart(from, head, capacity),
          tokens,
        );
      });
    },
    view: (tensor, rows) => buffer(tensor).subarray(0, rows * kvHeads * capacity * headSize),
    gather: (tensor, rows, tokens) => {
      const gathered = emptyFloats(type, rows.length * kvHeads * tokens * headSize);
      rows.forEach((row, place) => {
        copyHeads(
          gathered,
          (head) => headStart(place, head, tokens),
          buffer(tensor),
          (head) => headStart(row, head, capacity),
          tokens,
        );
      });
      return gathered;
    },
  };
};
