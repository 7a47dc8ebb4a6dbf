import type { TenantLimits } from './tenant.ts';

/** What a tenant has left at an instant; below zero after a request larger than a whole burst. */
export interface TokenBucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** What sums of fractions are off by at most: nobody is kept waiting for that. */
const roundingTokens = 1e-6;

type Limits = Pick<TenantLimits, 'tokensPerS' | 'burstTokens'>;

export type TakeOutcome =
  | { readonly kind: 'taken'; readonly bucket: TokenBucket }
  | { readonly kind: 'refused'; readonly retryAfterMs: number };

export const fullBucket = ({ burstTokens }: Limits, nowMs: number): TokenBucket => ({
  tokens: burstTokens,
  atMs: nowMs,
});

/**
 * Takes tokens, or says when there will be enough. A request that is larger than a whole burst takes it all and leaves a
 * debt: refusing it for ever would not make it smaller.
 */
export const takeTokens = (
  bucket: TokenBucket,
  limits: Limits,
  tokens: number,
  nowMs: number,
): TakeOutcome => {
  const { tokensPerS, burstTokens } = limits;
  if (!Number.isFinite(tokensPerS)) return { kind: 'taken', bucket };
  const filled = fill(bucket, limits, nowMs);
  const missing = Math.min(tokens, burstTokens) - filled.tokens;
  if (missing <= roundingTokens) {
    return { kind: 'taken', bucket: { ...filled, tokens: filled.tokens - tokens } };
  }
  return { kind: 'refused', retryAfterMs: Math.ceil((missing / tokensPerS) * 1000) };
};

/** Gives back what was taken and not used: an answer is rarely as long as it might have been. */
export const giveBackTokens = (
  bucket: TokenBucket,
  { burstTokens }: Limits,
  tokens: number,
): TokenBucket => ({ ...bucket, tokens: Math.min(burstTokens, bucket.tokens + tokens) });

/** A clock that went back adds nothing. */
const fill = (bucket: TokenBucket, limits: Limits, nowMs: number): TokenBucket => {
  const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * limits.tokensPerS;
  return {
    tokens: Math.min(limits.burstTokens, bucket.tokens + gained),
    atMs: Math.max(nowMs, bucket.atMs),
  };
};
