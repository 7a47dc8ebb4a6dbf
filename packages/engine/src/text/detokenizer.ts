import type { Tokenizer } from './tokenizer.ts';

/** Turns one stream of tokens into text, whole characters at a time. */
export interface Detokenizer {
  /** Text that has become certain with this token; often a word, empty within a character. */
  push(token: number): string;
  /** What is left: an unfinished character becomes U+FFFD. */
  end(): string;
}

/** The detokenizer that fits the tokenizer; the concatenated output equals decoding all tokens at once. */
export const createDetokenizer = (tokenizer: Tokenizer): Detokenizer =>
  tokenizer.byteLevel ? byteDetokenizer(tokenizer) : windowDetokenizer(tokenizer);

/** Byte-level: tokens are bytes, so a streaming UTF-8 decoder is exact and needs no history. */
const byteDetokenizer = (tokenizer: Tokenizer): Detokenizer => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (token) => {
      const added = tokenizer.addedTokens.get(token);
      if (added?.special) return '';
      // An added token is written as it is, never as bytes, and ends what stood open before it.
      if (added !== undefined) return decoder.decode() + added.content;
      return decoder.decode(byteLevelBytes(tokenizer, token), { stream: true });
    },
    end: () => decoder.decode(),
  };
};

/** The bytes of a token of a byte-level vocabulary. */
const byteLevelBytes = (tokenizer: Tokenizer, token: number): Uint8Array =>
  Uint8Array.from(tokenizer.spelling(token) ?? '', (character) => byteOf.get(character) ?? 0);

/** What one token stands for. Of a decoder that is not byte-level, what it makes of the token alone. */
export const tokenBytes = (tokenizer: Tokenizer, token: number): Uint8Array => {
  const added = tokenizer.addedTokens.get(token);
  if (added !== undefined) return new TextEncoder().encode(added.content);
  return tokenizer.byteLevel
    ? byteLevelBytes(tokenizer, token)
    : new TextEncoder().encode(tokenizer.decode([token]));
};

/**
 * The printable stand-ins for bytes of byte-level vocabularies (GPT-2's scheme): printable Latin-1 characters stand for
 * themselves, the remaining bytes take the code points from 256 upwards, in order.
 */
const byteOf: ReadonlyMap<string, number> = (() => {
  const isPlain = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const map = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    map.set(String.fromCodePoint(isPlain(byte) ? byte : next++), byte);
  }
  return map;
})();

/** Tokens that may stay uncertain; a character takes at most four byte tokens, so more means invalid bytes. */
const pendingMax = 8;
/** Tokens without any text that are kept in a row. */
const silentMax = 32;

/**
 * Any other decoder: what a token adds is the difference between decoding with and without it, always behind the
 * tokens emitted last, since decoders treat the first token of a text differently (they drop its space).
 */
const windowDetokenizer = (tokenizer: Tokenizer): Detokenizer => {
  let context: number[] = [];
  let pending: number[] = [];
  const difference = (): string => {
    const before = tokenizer.decode(context);
    return tokenizer.decode([...context, ...pending]).slice(before.length);
  };
  return {
    push: (token) => {
      if (tokenizer.addedTokens.get(token)?.special) return '';
      pending.push(token);
      const text = difference();
      if (text.endsWith('\ufffd') && pending.length < pendingMax) return '';
      // A token without text may still matter to the next one (a leading space), so it stays; but not without end.
      if (text !== '') [context, pending] = [pending, []];
      else if (pending.length > silentMax) pending.pop();
      return text;
    },
    end: () => {
      const text = pending.length === 0 ? '' : difference();
      [context, pending] = [[], []];
      return text;
    },
  };
};
