import type { CrossCache } from './cross-cache.ts';
import type { DecoderGraph } from './decoder-graph.ts';
import type { SlotCache } from './slot-cache.ts';

/** A graph and what its running batch keeps for it. */
export interface BatchMemory {
  readonly graph: DecoderGraph;
  readonly cache: SlotCache;
  /** Undefined where the graph has no cross-attention. */
  readonly cross: CrossCache | undefined;
}

/** The newest token of a row and the tokens that lie in the cache before it. */
export interface RowState {
  readonly token: number;
  readonly cachedTokens: number;
}

/**
 * Runs one token of every row, adds its keys and values to the cache at position `cachedTokens`, and gives the rows'
 * logits. Row i of the batch is row i of the cache. What lies in the cache beyond a row's tokens has no meaning.
 */
export type BatchRunner = (rows: readonly RowState[]) => Promise<readonly Float32Array[]>;

/** Cuts the logits of a step, [rows, 1, vocabularySize], into rows. */
export const rowsOf = (logits: Float32Array, rows: number): readonly Float32Array[] => {
  const width = logits.length / rows;
  return Array.from({ length: rows }, (_, row) => logits.subarray(row * width, (row + 1) * width));
};
