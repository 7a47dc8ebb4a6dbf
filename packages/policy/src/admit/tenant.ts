/** What a tenant is entitled to. */
export interface TenantLimits {
  /** Its share beside other tenants that wait in the same class. */
  readonly weight: number;
  /** Tokens (prompt, media and answer) a second; infinite for no limit of its own. */
  readonly tokensPerS: number;
  /** Tokens that it may use at once after a pause. */
  readonly burstTokens: number;
  /** Most requests that it may have waiting; infinite for its share of the waiting room. */
  readonly waitingMax: number;
}

export const defaultTenantLimits: TenantLimits = {
  weight: 1,
  tokensPerS: Number.POSITIVE_INFINITY,
  burstTokens: Number.POSITIVE_INFINITY,
  waitingMax: Number.POSITIVE_INFINITY,
};

/** Who a request is counted for when it names nobody. */
export const defaultTenant = 'default';

const namePattern = /^[A-Za-z0-9._-]{1,64}$/;

export const isTenantName = (text: string): boolean => namePattern.test(text);
