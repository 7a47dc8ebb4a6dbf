import type { RingPiece } from './ring.ts';

/** Where rings lie. A failure rejects; who writes goes on. */
export interface HistoryStore {
  write(pieces: readonly KeyedPiece[]): Promise<void>;
  /** Writes a whole value over what was there; it goes when it is not written again for so long, in milliseconds. */
  put(key: string, bytes: Buffer, keptMs: number): Promise<void>;
  /** Undefined where nothing was written. */
  read(key: string): Promise<Buffer | undefined>;
  close(): void;
}

export interface KeyedPiece extends RingPiece {
  readonly key: string;
  /** The key goes when nothing is written for so long, in milliseconds. */
  readonly keptMs: number;
}

/** Rings in this process: they end with it. */
export const memoryHistory = (): HistoryStore => {
  const rings = new Map<string, Buffer>();
  return {
    write: (pieces) => {
      for (const { key, offset, bytes } of pieces) {
        const known = rings.get(key) ?? Buffer.alloc(0);
        const end = offset + bytes.length;
        const ring = known.length >= end ? known : Buffer.concat([known], end);
        bytes.copy(ring, offset);
        rings.set(key, ring);
      }
      return Promise.resolve();
    },
    put: (key, bytes) => {
      rings.set(key, bytes);
      return Promise.resolve();
    },
    read: (key) => Promise.resolve(rings.get(key)),
    close: () => rings.clear(),
  };
};
