/** How long a report of load is believed. */
export interface LoadAging {
  /** A report of this age still counts whole, in milliseconds. */
  readonly freshMs: number;
  /** After that it halves in each such time, in milliseconds. */
  readonly halfLifeMs: number;
}

/**
 * Tokens that an instance reported so long ago. Work ends without being told of when reports stop: an old report must not
 * keep work away for ever, nor be forgotten at once.
 */
export const agedTokens = (
  reportedTokens: number,
  ageMs: number,
  { freshMs, halfLifeMs }: LoadAging,
): number =>
  ageMs <= freshMs ? reportedTokens : reportedTokens * 2 ** (-(ageMs - freshMs) / halfLifeMs);
