/** Smallest step in which the room of a batch's slots grows, in tokens. */
const blockTokens = 32;

/**
 * Room that slots get whose longest sequence has so many tokens. The step grows with the length, from 32 tokens to a
 * quarter of it: a step of decoding reads all of the room, and every change of it moves what is in the cache.
 */
export const roomTokens = (tokens: number): number => {
  const step = Math.max(blockTokens, 2 ** Math.floor(Math.log2(Math.max(tokens, 1))) / 4);
  return Math.ceil(Math.max(tokens, 1) / step) * step;
};

/** Longest sequence whose room is not above `limit` tokens; 0 if there is none. */
export const longestWithin = (limitTokens: number): number => {
  let tokens = 0;
  for (let room = roomTokens(1); room <= limitTokens; room = roomTokens(room + 1)) tokens = room;
  return tokens;
};

/** Tokens of room that a batch takes whose sequences have these lengths: all slots are as long as the longest needs. */
export const batchTokens = (lengths: readonly number[]): number =>
  lengths.length === 0 ? 0 : lengths.length * roomTokens(Math.max(...lengths));
