/** What is known of who else uses a fleet. */
export interface RouterUse {
  /** Routers that take requests, this one among them. */
  readonly routers: number;
  /** Tokens booked by this router on the instances, and those that the instances have from everybody. */
  readonly ownTokens: number;
  readonly allTokens: number;
}

/**
 * What part of a fleet one router may fill: an equal share, or as much of it as it already uses where others use less than
 * theirs. Of two routers the busy one gets what the idle one leaves, and both get a half when both are busy: a router
 * above its half has no more than its part of what is in use, so it lets nobody in until the other one has its half.
 */
export const routerShare = ({ routers, ownTokens, allTokens }: RouterUse): number => {
  if (routers <= 1) return 1;
  const used = allTokens <= 0 ? 1 : Math.min(1, ownTokens / allTokens);
  return Math.max(1 / routers, used);
};
