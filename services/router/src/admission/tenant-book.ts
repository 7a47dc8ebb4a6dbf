import {
  fullBucket,
  giveBackTokens,
  type TakeOutcome,
  takeTokens,
  type TenantLimits,
  type TokenBucket,
} from '@isotherm/policy';
import { limitsOf, type TenantTable } from './class-settings.ts';

/** What tenants may use and have used. */
export interface TenantBook {
  limits(tenant: string): TenantLimits;
  take(tenant: string, tokens: number, nowMs: number): TakeOutcome;
  giveBack(tenant: string, tokens: number): void;
}

/** Most tenants whose use is remembered; the one that was heard of longest ago is forgotten first. */
const bucketsMax = 10_000;

export const createTenantBook = (table: TenantTable): TenantBook => {
  // Those with a limit only; a Map keeps the order of insertion.
  const buckets = new Map<string, TokenBucket>();
  const limits = (tenant: string): TenantLimits => limitsOf(table, tenant);
  const put = (tenant: string, bucket: TokenBucket): void => {
    buckets.delete(tenant);
    buckets.set(tenant, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > bucketsMax && oldest !== undefined) buckets.delete(oldest);
  };
  return {
    limits,
    take: (tenant, tokens, nowMs) => {
      const own = limits(tenant);
      const bucket = buckets.get(tenant) ?? fullBucket(own, nowMs);
      const outcome = takeTokens(bucket, own, tokens, nowMs);
      if (outcome.kind === 'taken' && Number.isFinite(own.tokensPerS)) put(tenant, outcome.bucket);
      return outcome;
    },
    giveBack: (tenant, tokens) => {
      const bucket = buckets.get(tenant);
      if (bucket !== undefined) put(tenant, giveBackTokens(bucket, limits(tenant), tokens));
    },
  };
};
