import { createHash } from 'node:crypto';
import type { ModelFacts, PrefixMedium } from '../contract.ts';

/** A prompt as prefixes are told apart by. */
export interface PrefixPrompt {
  readonly tokenIds: Int32Array;
  /** How many tokens at the end were generated: a placeholder among them is a word like any other. */
  readonly generatedTokens: number;
  /** In the order of their placeholders. */
  readonly media: readonly PrefixMedium[];
}

export interface BlockOptions {
  readonly blockTokens: number;
  /** Token ids that stand for media. */
  readonly placeholders: readonly number[];
  /** Decides whether a placeholder stands for one of a medium's tokens or, with cross-attention, for all of them. */
  readonly architecture: ModelFacts['architecture'];
}

/**
 * A digest for each whole block of a prompt that others could share. Each covers all tokens up to the end of its
 * block: their ids, and for a placeholder which medium it stands for and which row of it. Two prompts that have the
 * n-th digest in common therefore have the first n blocks in common, and the same pictures in them.
 *
 * The last token of a prompt is never part of a block: something has to be run to get a next token. Blocks from the
 * first medium without a key on are left out.
 */
export const blockDigests = (prompt: PrefixPrompt, options: BlockOptions): readonly string[] => {
  const { blockTokens, placeholders, architecture } = options;
  const { tokenIds, generatedTokens, media } = prompt;
  const places = new Set(placeholders);
  const promptTokens = tokenIds.length - generatedTokens;
  const digests: string[] = [];
  let before: Uint8Array = new Uint8Array(0);
  let medium = 0;
  let row = 0;
  for (let start = 0; start + blockTokens < tokenIds.length; start += blockTokens) {
    const end = start + blockTokens;
    const segments: string[] = [];
    for (let at = start; at < Math.min(end, promptTokens); at++) {
      if (!places.has(tokenIds[at] ?? -1)) continue;
      while (row >= placesOf(media[medium], architecture)) {
        medium += 1;
        row = 0;
      }
      const key = media[medium]?.key ?? '';
      if (key === '') return digests;
      segments.push(`${at - start} ${row} ${key}`);
      row += 1;
    }
    before = createHash('sha256')
      .update(before)
      .update(bytesOf(tokenIds.subarray(start, end)))
      .update(segments.join('\n'))
      .digest();
    digests.push(Buffer.from(before).toString('hex'));
  }
  return digests;
};

/** Placeholders that stand for a medium; without end where there is none. */
const placesOf = (
  medium: PrefixMedium | undefined,
  architecture: BlockOptions['architecture'],
): number => {
  if (medium === undefined) return Infinity;
  return architecture === 'cross-attention' ? 1 : medium.tokens;
};

const bytesOf = (words: Int32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Characters of a digest that instances and routers exchange: a mistaken identity costs a detour, no more. */
export const routingKeyLength = 16;

/** A digest in the short form that instances tell routers. */
export const routingKey = (digest: string): string => digest.slice(0, routingKeyLength);
