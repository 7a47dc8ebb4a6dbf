import { Fault } from '@isotherm/kernel';
import { type ByteMatcher, createByteMatcher, type MatcherState } from './byte-matcher.ts';
import type { Expression } from './expression.ts';
import type { TokenTrie, TokenVocabulary } from './token-trie.ts';

/** Where one sequence stands in its grammar: a function of the tokens it has said. */
export interface GrammarState {
  /** Bit t of the words is set where token t may come. */
  allowed(): Uint32Array;
  /** Goes on by a token. Throws `internal` for one that is not allowed. */
  accept(token: number): void;
}

/** A grammar over the tokens of a vocabulary. */
export interface TokenGrammar {
  /** A new sequence, which has said some tokens already. */
  begin(said?: Iterable<number>): GrammarState;
}

/** Frames, states and steps of one grammar that are remembered; past it they are made anew from what was said. */
const rememberedMax = 100_000;
/** Sets of allowed tokens of one grammar that are remembered. */
const masksMax = 256;

interface Remembered {
  readonly matcher: ByteMatcher;
  readonly masks: Map<MatcherState, Uint32Array>;
}

export const createTokenGrammar = (
  expression: Expression,
  vocabulary: TokenVocabulary,
): TokenGrammar => {
  const fresh = (): Remembered => ({ matcher: createByteMatcher(expression), masks: new Map() });
  let remembered = fresh();

  const follow = (state: MatcherState, token: number): MatcherState => {
    const bytes = vocabulary.tokenBytes[token] ?? new Uint8Array(0);
    let at: MatcherState | null = bytes.length === 0 ? null : state;
    for (const byte of bytes) at = at === null ? null : remembered.matcher.step(at, byte);
    if (at !== null) return at;
    throw new Fault('internal', `Token ${token} is not allowed by the grammar here.`);
  };
  /** A text is allowed or not by what is left of its repetitions only as far as a token reaches. */
  const maskOf = (state: MatcherState): Uint32Array => {
    const { matcher, masks } = remembered;
    const near = matcher.near(state, vocabulary.bytesMax);
    const known = masks.get(near);
    if (known !== undefined) return known;
    const mask = new Uint32Array(Math.ceil(vocabulary.size / 32));
    mark(vocabulary.trie, near, matcher, mask);
    if (near.complete) for (const token of vocabulary.endOfTextTokens) allow(mask, token);
    if (masks.size >= masksMax) masks.clear();
    masks.set(near, mask);
    return mask;
  };
  return {
    begin: (said = []) => {
      const tokens: number[] = [];
      let own = remembered;
      let state = own.matcher.start;
      let ended = false;
      /** Where the memory of states was made anew, this one's is too. */
      const renew = (): void => {
        if (remembered.matcher.size > rememberedMax) remembered = fresh();
        if (own === remembered) return;
        own = remembered;
        state = tokens.reduce(follow, own.matcher.start);
      };
      const accept = (token: number): void => {
        renew();
        if (!ended && state.complete && vocabulary.endOfTextTokens.includes(token)) {
          ended = true;
          return;
        }
        state = follow(state, token);
        tokens.push(token);
      };
      for (const token of said) accept(token);
      return {
        accept,
        allowed: () => {
          renew();
          return maskOf(state);
        },
      };
    },
  };
};

const allow = (mask: Uint32Array, token: number): void => {
  mask[token >>> 5] = (mask[token >>> 5] ?? 0) | (1 << (token & 31));
};

/** Marks the tokens whose bytes can come: each beginning that two tokens share is tried once. */
const mark = (
  trie: TokenTrie,
  start: MatcherState,
  matcher: ByteMatcher,
  mask: Uint32Array,
): void => {
  const { bytes, depths, ends, tokens, twins } = trie;
  /** The states on the way to a node, by depth. */
  const states = [start];
  for (let node = 0; node < bytes.length;) {
    const depth = depths[node] ?? 0;
    const next = matcher.step(states[depth - 1] ?? start, bytes[node] ?? 0);
    if (next === null) {
      node = ends[node] ?? bytes.length;
      continue;
    }
    states[depth] = next;
    for (let token = tokens[node] ?? -1; token >= 0; token = twins[token] ?? -1) allow(mask, token);
    node += 1;
  }
};
