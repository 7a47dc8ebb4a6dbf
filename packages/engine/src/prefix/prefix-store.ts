import type { PrefillInput } from '../contract.ts';
import type { FloatData } from '../onnx/float-data.ts';
import { blockDigests, type BlockOptions } from './block-digests.ts';
import { blockBytes, type BlockShape, cutBlock, joinBlocks, type KvPast } from './kv-blocks.ts';
import { createPrefixTree } from './prefix-tree.ts';

/** What a prefix cache has become by a prompt. */
export interface PrefixReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly entries: number;
  readonly bytes: number;
  readonly evictions: number;
}

/** The KV caches of earlier prompts, where prompts are run: nothing is copied between threads to reuse them. */
export interface PrefixStore {
  /** The longest beginning of a prompt that is held, and how to keep what the prompt itself leaves. */
  open(input: PrefillInput): { readonly past: KvPast; keep(whole: KvPast): void };
  report(): PrefixReport;
}

export interface PrefixStoreOptions {
  readonly bytesMax: number;
  /** How prompts are told apart. */
  readonly blocks: BlockOptions;
  /** Key and value tensors of the decoder. */
  readonly tensors: number;
  readonly shape: BlockShape;
}

export const createPrefixStore = (options: PrefixStoreOptions): PrefixStore => {
  const { bytesMax, blocks, tensors, shape } = options;
  const tree = createPrefixTree<FloatData>({ bytesMax });
  const bytes = blockBytes(shape, tensors);
  return {
    open: (input) => {
      const digests = digestsOf(input, blocks);
      const past = joinBlocks(tree.match(digests), tensors, shape);
      const keep = (whole: KvPast): void =>
        tree.insert(digests, bytes, (index) => cutBlock(whole, index, shape));
      return { past, keep };
    },
    report: () => {
      const { entries, bytes: held, evictions } = tree;
      return { ...tree.changes(), entries, bytes: held, evictions };
    },
  };
};

/** Digests of the blocks of a prompt. Media that nothing is said of have no keys, and end what can be shared. */
export const digestsOf = (
  { tokenIds, tokenIndex, media = [] }: Pick<PrefillInput, 'tokenIds' | 'tokenIndex' | 'media'>,
  options: BlockOptions,
): readonly string[] => blockDigests({ tokenIds, generatedTokens: tokenIndex, media }, options);
