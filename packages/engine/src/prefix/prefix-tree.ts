import { createNetChanges, invariant, type NetChanges } from '@isotherm/kernel';

export interface PrefixTreeOptions {
  /** Most bytes of all blocks together; 0 keeps none. */
  readonly bytesMax: number;
}

/**
 * Blocks of earlier prompts, found by the digests of `blockDigests`. Prompts with a beginning in common share its
 * blocks, so the blocks form a tree; what has not been used for longest goes first, always from the leaves, so that
 * every block that is held can be reached.
 */
export interface PrefixTree<Block> {
  /** The blocks held of the longest beginning of a prompt. */
  match(digests: readonly string[]): readonly Block[];
  /**
   * Keeps the blocks of a prompt that are not held yet, as many of its first as fit; `make` copies one of them, of
   * `blockBytes`. A prompt never drives out its own beginning.
   */
  insert(digests: readonly string[], blockBytes: number, make: (index: number) => Block): void;
  /** What came and went since it was last asked. */
  changes(): ReturnType<NetChanges['take']>;
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
}

interface Entry<Block> {
  readonly block: Block;
  readonly bytes: number;
}

export const createPrefixTree = <Block>({ bytesMax }: PrefixTreeOptions): PrefixTree<Block> => {
  /**
   * From the least to the most recently used. A prompt's blocks are touched from its last to its first, so a block
   * always stands before all that it builds on, and the first of all is a leaf.
   */
  const blocks = new Map<string, Entry<Block>>();
  const changes = createNetChanges();
  let bytes = 0;
  let evictions = 0;

  const touch = (digests: readonly string[]): void => {
    for (const digest of digests.toReversed()) {
      const entry = blocks.get(digest);
      invariant(entry !== undefined, 'a block is held as long as one that builds on it');
      blocks.delete(digest);
      blocks.set(digest, entry);
    }
  };

  const heldOf = (digests: readonly string[]): readonly string[] => {
    const missing = digests.findIndex((digest) => !blocks.has(digest));
    return missing < 0 ? digests : digests.slice(0, missing);
  };

  const evict = (digest: string, entry: Entry<Block>): void => {
    blocks.delete(digest);
    bytes -= entry.bytes;
    evictions += 1;
    changes.remove(digest);
  };

  /** Makes room among what the prompt does not build on; false when that is not enough. */
  const makeRoom = (wanted: number, own: ReadonlySet<string>): boolean => {
    for (const [digest, entry] of blocks) {
      if (bytes + wanted <= bytesMax || own.has(digest)) break;
      evict(digest, entry);
    }
    return bytes + wanted <= bytesMax;
  };

  return {
    match: (digests) => {
      const held = heldOf(digests);
      touch(held);
      return held.flatMap((digest) => blocks.get(digest)?.block ?? []);
    },
    insert: (digests, blockBytes, make) => {
      if (bytesMax === 0) return;
      let held = heldOf(digests).length;
      touch(digests.slice(0, held));
      const own = new Set(digests);
      for (; held < digests.length; held++) {
        const digest = digests[held] ?? '';
        if (!makeRoom(blockBytes, own)) break;
        blocks.set(digest, { block: make(held), bytes: blockBytes });
        bytes += blockBytes;
        changes.add(digest);
      }
      touch(digests.slice(0, held));
    },
    changes: () => changes.take(),
    get entries() {
      return blocks.size;
    },
    get bytes() {
      return bytes;
    },
    get evictions() {
      return evictions;
    },
  };
};
