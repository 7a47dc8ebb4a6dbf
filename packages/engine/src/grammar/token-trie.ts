/** Tokens by their bytes; `tokens` end at a node. */
export interface TrieNode {
  readonly bytes: readonly number[];
  readonly children: readonly TrieNode[];
  readonly tokens: readonly number[];
}

/** The vocabulary of a model as a grammar sees it. */
export interface TokenVocabulary {
  /** Length of a row of logits. */
  readonly size: number;
  /** Bytes of each token; none for special tokens and ids without a meaning. */
  readonly tokenBytes: readonly (Uint8Array | undefined)[];
  readonly root: TrieNode;
  /** Most bytes of one token. */
  readonly bytesMax: number;
  readonly endOfTextTokens: readonly number[];
  /** Whether every byte is a token too: only then can every text be written. */
  readonly everyByte: boolean;
}

interface OpenNode {
  readonly children: Map<number, OpenNode>;
  readonly tokens: number[];
}

const openNode = (): OpenNode => ({ children: new Map(), tokens: [] });

const closed = (node: OpenNode): TrieNode => ({
  bytes: [...node.children.keys()],
  children: [...node.children.values()].map(closed),
  tokens: node.tokens,
});

export const createTokenVocabulary = (
  tokenBytes: readonly (Uint8Array | undefined)[],
  endOfTextTokens: readonly number[],
): TokenVocabulary => {
  const root = openNode();
  let bytesMax = 1;
  tokenBytes.forEach((bytes, token) => {
    if (bytes === undefined || bytes.length === 0) return;
    bytesMax = Math.max(bytesMax, bytes.length);
    let node = root;
    for (const byte of bytes) {
      let child = node.children.get(byte);
      if (child === undefined) node.children.set(byte, (child = openNode()));
      node = child;
    }
    node.tokens.push(token);
  });
  const single = [...root.children.values()].filter((node) => node.tokens.length > 0);
  return {
    size: tokenBytes.length,
    tokenBytes,
    root: closed(root),
    bytesMax,
    endOfTextTokens,
    everyByte: single.length === 256,
  };
};
