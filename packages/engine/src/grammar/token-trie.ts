/** The vocabulary of a model as a grammar sees it. */
export interface TokenVocabulary {
  /** Length of a row of logits. */
  readonly size: number;
  /** Bytes of each token; none for special tokens and ids without a meaning. */
  readonly tokenBytes: readonly (Uint8Array | undefined)[];
  readonly trie: TokenTrie;
  /** Most bytes of one token. */
  readonly bytesMax: number;
  readonly endOfTextTokens: readonly number[];
  /** Whether every byte is a token too: only then can every text be written. */
  readonly everyByte: boolean;
}

/**
 * Tokens by their bytes: the nodes of a tree in the order of a walk through it, each before what lies below it. Flat,
 * since a vocabulary has a hundred thousand of them.
 */
export interface TokenTrie {
  /** The byte that leads to a node. */
  readonly bytes: Uint8Array;
  /** How many bytes lead to it, from 1. */
  readonly depths: Uint16Array;
  /** Where the walk goes on when all below is left out. */
  readonly ends: Uint32Array;
  /** The token that ends at a node; -1 is none. */
  readonly tokens: Int32Array;
  /** The next token with the same bytes as this one; -1 is none. */
  readonly twins: Int32Array;
}

export const createTokenVocabulary = (
  tokenBytes: readonly (Uint8Array | undefined)[],
  endOfTextTokens: readonly number[],
): TokenVocabulary => {
  const lengths = tokenBytes.map((bytes) => bytes?.length ?? 0);
  const single = new Set(tokenBytes.map((bytes) => (bytes?.length === 1 ? bytes[0] : undefined)));
  single.delete(undefined);
  return {
    size: tokenBytes.length,
    tokenBytes,
    trie: createTrie(tokenBytes),
    bytesMax: lengths.reduce((most, length) => Math.max(most, length), 1),
    endOfTextTokens,
    everyByte: single.size === 256,
  };
};

interface Word {
  readonly token: number;
  readonly bytes: Uint8Array;
}

/** From words in the order of their bytes: what two neighbours have in common is there already. */
const createTrie = (tokenBytes: readonly (Uint8Array | undefined)[]): TokenTrie => {
  const words = tokenBytes
    .flatMap((bytes, token): readonly Word[] =>
      bytes === undefined || bytes.length === 0 ? [] : [{ token, bytes }],
    )
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes) || a.token - b.token);
  const nodesMax = words.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bytes = new Uint8Array(nodesMax);
  const depths = new Uint16Array(nodesMax);
  const ends = new Uint32Array(nodesMax);
  const tokens = new Int32Array(nodesMax).fill(-1);
  const twins = new Int32Array(tokenBytes.length).fill(-1);
  let count = 0;
  /** The nodes on the way to the last word. */
  let path: number[] = [];
  const close = (depth: number): void => {
    for (const node of path.slice(depth)) ends[node] = count;
    path = path.slice(0, depth);
  };
  words.forEach((word, index) => {
    const before = words[index - 1];
    const shared = before === undefined ? 0 : sharedBytes(before.bytes, word.bytes);
    if (before !== undefined && shared === word.bytes.length && shared === before.bytes.length) {
      twins[before.token] = word.token;
      return;
    }
    close(shared);
    for (let depth = shared; depth < word.bytes.length; depth++) {
      bytes[count] = word.bytes[depth] ?? 0;
      depths[count] = depth + 1;
      path.push(count);
      count += 1;
    }
    tokens[count - 1] = word.token;
  });
  close(0);
  return {
    bytes: bytes.slice(0, count),
    depths: depths.slice(0, count),
    ends: ends.slice(0, count),
    tokens: tokens.slice(0, count),
    twins,
  };
};

const sharedBytes = (a: Uint8Array, b: Uint8Array): number => {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
  return count;
};
