/** What requests ask of the stages in sum. */
export interface Demand {
  readonly requests: number;
  /** Tokens of prompt, media and longest answer: what shares and limits of tenants are counted in. */
  readonly cost: number;
  /** Jobs and tokens of the stages before the first token. */
  readonly encodeJobs: number;
  readonly encodeTokens: number;
  readonly prefillTokens: number;
}

export const noDemand: Demand = {
  ...{ requests: 0, cost: 0, encodeJobs: 0, encodeTokens: 0, prefillTokens: 0 },
};

export const addDemand = (one: Demand, other: Demand, times = 1): Demand => ({
  requests: one.requests + times * other.requests,
  cost: one.cost + times * other.cost,
  encodeJobs: one.encodeJobs + times * other.encodeJobs,
  encodeTokens: one.encodeTokens + times * other.encodeTokens,
  prefillTokens: one.prefillTokens + times * other.prefillTokens,
});

/** What a tenant has waiting in the class of a new request. */
export interface WaitingShare {
  readonly weight: number;
  readonly demand: Demand;
}

/**
 * What of its own class will go before a new request: what its own tenant has due before it, and of each other tenant
 * what fair sharing lets by in the meantime.
 */
export const demandAhead = (
  cost: number,
  weight: number,
  ahead: { readonly ownBefore: Demand; readonly others: readonly WaitingShare[] },
): Demand => {
  const untilThen = (ahead.ownBefore.cost + cost) / weight;
  return ahead.others.reduce(
    (sum, { demand, weight: other }) =>
      addDemand(
        sum,
        demand,
        demand.cost === 0 ? 0 : Math.min(1, (untilThen * other) / demand.cost),
      ),
    ahead.ownBefore,
  );
};
