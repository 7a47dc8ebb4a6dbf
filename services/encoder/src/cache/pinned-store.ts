/** Entries by key, of a bounded number of bytes; what is in use stays. */
export interface PinnedStore<Value> {
  /** The value; it counts as used. */
  get(key: string): Value | undefined;
  /**
   * Keeps a value, dropping what was not used for longest as far as needed. False when it does not fit beside what is
   * in use: then nothing is dropped and nothing kept.
   */
  put(key: string, value: Value, bytes: number): boolean;
  /** Holds a key until the result is called; undefined when there is none. */
  pin(key: string): (() => void) | undefined;
  /** From the least to the most recently used, pinned ones last. */
  keys(): readonly string[];
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
}

export interface PinnedStoreOptions {
  readonly bytesMax: number;
  /** Called with what was dropped. */
  evicted?(key: string): void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
  pins: number;
}

/** Least recently used first: what an embedding costs to make goes by its size, so no other order saves more. */
export const createPinnedStore = <Value>(options: PinnedStoreOptions): PinnedStore<Value> => {
  const { bytesMax } = options;
  const idle = new Map<string, Entry<Value>>();
  const pinned = new Map<string, Entry<Value>>();
  let bytes = 0;
  let pinnedBytes = 0;
  let evictions = 0;

  const evict = (key: string, entry: Entry<Value>): void => {
    idle.delete(key);
    bytes -= entry.bytes;
    evictions += 1;
    options.evicted?.(key);
  };

  const touch = (key: string, entry: Entry<Value>): void => {
    idle.delete(key);
    idle.set(key, entry);
  };

  return {
    get: (key) => {
      const used = pinned.get(key);
      if (used !== undefined) return used.value;
      const entry = idle.get(key);
      if (entry !== undefined) touch(key, entry);
      return entry?.value;
    },
    put: (key, value, size) => {
      if (idle.has(key) || pinned.has(key)) return true;
      if (pinnedBytes + size > bytesMax) return false;
      for (const [oldest, entry] of idle) {
        if (bytes + size <= bytesMax) break;
        evict(oldest, entry);
      }
      idle.set(key, { value, bytes: size, pins: 0 });
      bytes += size;
      return true;
    },
    pin: (key) => {
      const entry = pinned.get(key) ?? idle.get(key);
      if (entry === undefined) return undefined;
      if (entry.pins === 0) {
        idle.delete(key);
        pinned.set(key, entry);
        pinnedBytes += entry.bytes;
      }
      entry.pins += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        entry.pins -= 1;
        if (entry.pins > 0) return;
        pinned.delete(key);
        pinnedBytes -= entry.bytes;
        idle.set(key, entry);
      };
    },
    keys: () => [...idle.keys(), ...pinned.keys()],
    get entries() {
      return idle.size + pinned.size;
    },
    get bytes() {
      return bytes;
    },
    get evictions() {
      return evictions;
    },
  };
};
