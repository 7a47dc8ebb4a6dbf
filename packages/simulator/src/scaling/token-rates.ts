import type { Outcome } from '../pipeline/outcome.ts';

/** Tokens a second that came in, and that were asked for. */
export interface TokenRates {
  readonly textTokensPerS: number;
  readonly mediaTokensPerS: number;
  readonly generatedTokensPerS: number;
}

/** Reads what came since the look before, each look `lookMs` after the one before. */
export const tokenRates = (outcome: Outcome | undefined, lookMs: number): (() => TokenRates) => {
  const read = () => ({
    text: outcome?.textTokens ?? 0,
    media: outcome?.mediaTokens ?? 0,
    answer: outcome?.answerTokens ?? 0,
  });
  let before = read();
  return () => {
    const now = read();
    const rate = (of: keyof typeof now): number => ((now[of] - before[of]) * 1000) / lookMs;
    const rates = {
      textTokensPerS: rate('text'),
      mediaTokensPerS: rate('media'),
      generatedTokensPerS: rate('answer'),
    };
    before = now;
    return rates;
  };
};
