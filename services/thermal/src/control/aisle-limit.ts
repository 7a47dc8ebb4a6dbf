/** An aisle's air, in watts that it carries away, and how far everything in it is from its limits of temperature. */
export interface AisleAir {
  /** What is expected to be drawn. */
  readonly expectedW: number;
  /** What is held back already, and all that those could be held back who are first to give. */
  readonly heldBackW: number;
  readonly givableW: number;
  /** What AHUs carry away. */
  readonly limitW: number;
  /** Of the GPU or inlet that is nearest to its limit, in K. */
  readonly marginK: number;
}

export interface AisleLimitSettings {
  /** Up to this margin all is to be given that is of use; */
  readonly tightK: number;
  /** from this margin on nothing is. */
  readonly easyK: number;
  /** Share of a limit up to which a plan gives back. */
  readonly releaseShare: number;
}

/**
 * The limit of an aisle's air that a plan is to keep. Servers that lack air breathe their own exhaust: that is heat, which
 * temperatures tell of, and which takes minutes to come. So while all in the aisle is cool everybody may draw what they want;
 * as the margin shrinks, more and more of what can be given goes, in proportion. The same margin holds back the same,
 * whatever was taken before: nothing winds up, and what a larger margin allows comes back. At no margin the limit is what is
 * carried away, for whoever else can give.
 */
export const aisleLimitW = (
  { expectedW, heldBackW, givableW, limitW, marginK }: AisleAir,
  { tightK, easyK, releaseShare }: AisleLimitSettings,
): number => {
  const demandW = expectedW + heldBackW;
  if (demandW <= limitW || marginK <= 0) return limitW;
  const share = Math.min(1, Math.max(0, marginK - tightK) / (easyK - tightK));
  const giveW = (1 - share) * Math.min(givableW, demandW - limitW);
  return Math.max(limitW, (demandW - giveW) / releaseShare);
};
