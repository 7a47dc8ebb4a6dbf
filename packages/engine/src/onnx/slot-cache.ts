import type { KvLayout } from '../model-folder/kv-layout.ts';
import { emptyFloats, type FloatData, type FloatType } from './float-data.ts';

/**
 * The KV cache of a running batch. For each key and value tensor one buffer [slots, kvHeads, capacity, headSize];
 * occupied slots are rows 0 to n-1, so that the first n rows are fed to the graph as they lie. The capacity (in tokens)
 * grows and shrinks in blocks with the longest row.
 */
export interface SlotCache {
  readonly capacityTokens: number;
  /** Makes room for rows of `tokens` tokens, keeping the first `lengths.length` rows of the given lengths. */
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

export interface SlotCacheOptions {
  readonly layout: KvLayout;
  readonly type: FloatType;
  readonly slots: number;
  /** Step in which the capacity changes, in tokens. */
  readonly blockTokens: number;
}

export const createSlotCache = (options: SlotCacheOptions): SlotCache => {
  const { layout, type, slots, blockTokens } = options;
  const { kvHeads, headSize } = layout;
  const tensors = 2 * layout.layers;
  const allocate = (capacity: number): FloatData[] =>
    Array.from({ length: tensors }, () => emptyFloats(type, slots * kvHeads * capacity * headSize));
  let capacity = blockTokens;
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
    reserve: (tokens, lengths) => {
      const wanted = Math.ceil(Math.max(tokens, 1) / blockTokens) * blockTokens;
      // Shrinking waits until half of the room is idle: it costs a copy, and the next long row would undo it.
      if (wanted <= capacity && wanted * 2 > capacity) return;
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
