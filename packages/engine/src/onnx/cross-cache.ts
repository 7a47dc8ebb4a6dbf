import type { CrossInputs, CrossSight } from './decoder-graph.ts';
import type { FloatData, FloatType } from './float-data.ts';
import { createSlotCache } from './slot-cache.ts';

/**
 * What the rows of a running batch see of media. It is written when a sequence joins and never again: a step feeds it
 * as it lies. Rows without media see nothing.
 */
export interface CrossCache {
  /** Bytes of all buffers. */
  readonly bytes: number;
  /** Writes what a row sees: tensors [kvHeads, tokens, headSize] in the graph's order, none for 0 tokens. */
  put(row: number, tensors: readonly FloatData[], tokens: number): void;
  move(from: number, to: number): void;
  free(row: number): void;
  /** What the graph is fed for one new token of some rows, in their order. */
  sight(rows: readonly number[]): CrossSight;
}

export const createCrossCache = (
  { names, layout: { kvHeads, headSize } }: CrossInputs,
  type: FloatType,
  slots: number,
): CrossCache => {
  const cache = createSlotCache({
    type,
    tensors: names.length,
    kvHeads,
    headSize,
    // As wide as the widest row and no wider: the graph reads what is masked too.
    roomOf: (tokens) => Math.max(tokens, 1),
    tokens: slots,
    // Bounded by what its callers admit: what it takes counts among their bytes of KV cache.
    tokensMax: Number.POSITIVE_INFINITY,
  });
  const lengths: number[] = Array.from({ length: slots }, () => 0);
  const maskOf = (rows: readonly number[], tokens: number): BigInt64Array => {
    const mask = new BigInt64Array(rows.length * tokens);
    rows.forEach((row, place) => {
      mask.fill(1n, place * tokens, place * tokens + (lengths[row] ?? 0));
    });
    return mask;
  };
  return {
    get bytes() {
      return cache.bytes;
    },
    put: (row, tensors, tokens) => {
      lengths[row] = 0;
      cache.reserve(Math.max(tokens, ...lengths), lengths);
      if (tokens > 0) cache.put(row, tensors, tokens);
      lengths[row] = tokens;
    },
    move: (from, to) => {
      const tokens = lengths[from] ?? 0;
      cache.move(from, to, tokens);
      lengths[to] = tokens;
      lengths[from] = 0;
    },
    free: (row) => {
      lengths[row] = 0;
    },
    sight: (rows) => {
      const tokens = cache.roomTokens;
      const together = rows.every((row, place) => row === place);
      const states = names.map((_, index) =>
        together ? cache.view(index, rows.length) : cache.gather(index, rows, tokens),
      );
      return { tokens, mask: maskOf(rows, tokens), states };
    },
  };
};
