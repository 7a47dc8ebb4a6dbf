import type { CacheChange } from '@isotherm/proto';

/**
 * What a router knows of one instance's cache: the newest of the keys that it said to hold, of a bounded number. It
 * is forgotten with the instance's event stream and told anew with the next one, so it never outlives what it is of.
 */
export interface HeldKeys {
  readonly keys: ReadonlySet<string>;
  /** Tokens of a block of a prompt; 0 where keys are of whole results. */
  readonly blockTokens: number;
  apply(change: CacheChange): void;
  /** Adds one that the instance is about to hold. */
  expect(key: string): void;
  /** Drops one that proved wrong. */
  forget(key: string): void;
  clear(): void;
}

export const createHeldKeys = (keysMax: number): HeldKeys => {
  const keys = new Set<string>();
  let blockTokens = 0;
  const add = (key: string): void => {
    keys.delete(key);
    keys.add(key);
  };
  const trim = (): void => {
    for (const oldest of keys) {
      if (keys.size <= keysMax) break;
      keys.delete(oldest);
    }
  };
  return {
    keys,
    get blockTokens() {
      return blockTokens;
    },
    apply: (change) => {
      if (change.reset) keys.clear();
      blockTokens = change.blockTokens;
      for (const key of change.removed) keys.delete(key);
      for (const key of change.added) add(key);
      trim();
    },
    expect: (key) => {
      add(key);
      trim();
    },
    forget: (key) => void keys.delete(key),
    clear: () => keys.clear(),
  };
};
