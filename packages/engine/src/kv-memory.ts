import type { DecodeStart, KvFootprint, KvMemory } from './contract.ts';
import { batchTokens, longestWithin, roomTokens } from './onnx/slot-layout.ts';

export interface KvMemoryOptions {
  readonly slots: number;
  /** Longest context that is asked for, in tokens. */
  readonly contextMax: number;
  readonly bytesPerToken: number;
  /** Of what cross-attention sees; 0 where there is none. */
  readonly mediaBytesPerToken: number;
  /** Most bytes; if not given, what full slots of the longest context take, and as much again for media. */
  readonly bytesMax: number | undefined;
}

/** Memory of the batch of a decode engine, and what follows from its bound. */
export interface BoundedKvMemory extends KvMemory {
  /** Longest context for which there is memory. */
  readonly contextMax: number;
  /** Tokens of all sequences' own caches together, room that is not used included. */
  readonly tokensMax: number;
}

/** The rule by which the memory of a batch is counted: that of its layout (see slot-layout.ts). */
export const createKvMemory = (options: KvMemoryOptions): BoundedKvMemory => {
  const { slots, bytesPerToken, mediaBytesPerToken } = options;
  const full = slots * roomTokens(options.contextMax);
  const bytesMax = options.bytesMax ?? full * bytesPerToken * (mediaBytesPerToken > 0 ? 2 : 1);
  const tokensMax = Math.min(full, Math.floor(bytesMax / bytesPerToken));
  return {
    bytesMax,
    tokensMax,
    contextMax: Math.min(options.contextMax, longestWithin(tokensMax)),
    bytesOf: (batch) => {
      const widest = Math.max(0, ...batch.map(({ mediaTokens }) => mediaTokens));
      return (
        batchTokens(batch.map(({ tokens }) => tokens)) * bytesPerToken +
        batch.length * widest * mediaBytesPerToken
      );
    },
  };
};

const tokensOf = ({ kvCache }: DecodeStart, prefix: string): number =>
  kvCache.find(({ name }) => name.startsWith(prefix))?.shape[1] ?? 0;

/** What a sequence brings along when it joins. */
export const footprintOf = (start: DecodeStart): KvFootprint => ({
  tokens: tokensOf(start, 'past_key_values.'),
  mediaTokens: tokensOf(start, 'cross_key_values.'),
});
