/** Granularity in which a slot's memory is counted and grows, in tokens. */
export const blockTokens = 32;

/** Tokens in whole blocks, at least one. */
export const inBlocks = (tokens: number): number =>
  Math.ceil(Math.max(tokens, 1) / blockTokens) * blockTokens;
