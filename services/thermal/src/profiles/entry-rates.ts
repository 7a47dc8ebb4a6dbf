import {
  type ModelProfile,
  type ProfileEntry,
  safeTokensPerS,
  saturationOf,
  type StageCosts,
  stageCosts,
} from '@isotherm/kernel';

/** What has to be kept for work to count, in milliseconds; 0: nothing. */
export interface ProfileTargets {
  /** A medium's or prompt's whole time. */
  readonly firstMs: number;
  /** From one token to the next. */
  readonly tokenMs: number;
}

/** An entry of a profile, with what it does and draws at any batch and clock. */
export interface EntryRates {
  readonly profile: ModelProfile;
  readonly entry: ProfileEntry;
  /** Most tokens a second, in batches of so many at most, at a share of the full clock. */
  tokensPerS(batchMax: number, clockShare: number): number;
  /** The same, of which 99 of 100 pieces of work keep their target. */
  goodTokensPerS(batchMax: number, clockShare: number): number;
  /** Drawn by all its GPUs while they work, in watts; undefined where nobody measured it. */
  powerW(batchMax: number): number | undefined;
}

export interface EntryRateOptions {
  readonly targets: ProfileTargets;
  /** Engines rest where they have no clock: all of a unit is stretched, whatever part of it follows a clock. */
  readonly isResting: boolean;
}

/** Text beside the picture of a prompt or context, in tokens: assumed. */
const textTokens = 256;

export const entryRates = (
  profile: ModelProfile,
  entry: ProfileEntry,
  { targets, isResting }: EntryRateOptions,
): EntryRates => {
  const costs = stageCosts(entry);
  const tokens = typicalTokens(profile, entry);
  const targetMs = entry.stage === 'decode' ? targets.tokenMs : targets.firstMs;
  const stretch = (clockShare: number): number =>
    isResting ? 1 / Math.max(clockShareMin, clockShare) : costs.stretch(clockShare);
  const most = remembered((batchMax: number) => saturationOf(upTo(entry, costs, batchMax), tokens));
  const tokensPerS = (batchMax: number, clockShare: number): number =>
    most(batchMax).tokensPerS / stretch(clockShare);
  const good = remembered((batchMax: number, clockShare: number): number => {
    if (targetMs === 0) return tokensPerS(batchMax, clockShare);
    if (entry.load.length > 1) {
      // What was seen under load was seen of the whole batch at full clock.
      const share = tokensPerS(batchMax, clockShare) / tokensPerS(entry.batchMax, 1);
      return share * safeTokensPerS(entry, { tokens, targetMs });
    }
    // A slower clock is a tighter target.
    const tighterMs = targetMs / stretch(clockShare);
    const inTime = safeTokensPerS(upTo(entry, costs, batchMax), { tokens, targetMs: tighterMs });
    return inTime / stretch(clockShare);
  });
  return {
    ...{ profile, entry, tokensPerS, goodTokensPerS: good },
    powerW: (batchMax) => costs.powerW(most(batchMax).batch, tokens) || undefined,
  };
};

const clockShareMin = 0.01;

/** Of a medium as the profile is about, of a prompt or context with it: within what was measured. */
const typicalTokens = ({ shape }: ModelProfile, { stage, points }: ProfileEntry): number => {
  const wanted = stage === 'encode' ? shape.imageTokens : shape.imageTokens + textTokens;
  const measured = points.map(({ tokens }) => tokens);
  return Math.min(Math.max(wanted, Math.min(...measured)), Math.max(...measured));
};

/** An entry whose batches are bounded: by its smaller batches, and by what lies between them. */
const upTo = (entry: ProfileEntry, costs: StageCosts, batchMax: number): ProfileEntry => {
  if (batchMax >= entry.batchMax) return entry;
  const smaller = entry.points.filter(({ batch }) => batch < batchMax);
  const sizes = [...new Set(entry.points.map(({ tokens }) => tokens))];
  const last = sizes.map((tokens) => ({
    ...{ batch: batchMax, tokens, latencyMs: costs.latencyMs(batchMax, tokens) },
  }));
  return { ...entry, batchMax, load: [], points: [...smaller, ...last] };
};

/** A function of small numbers that is asked the same again and again. */
const remembered = <Value>(of: (batchMax: number, clockShare: number) => Value) => {
  const known = new Map<string, Value>();
  return (batchMax: number, clockShare = 1): Value => {
    const key = `${batchMax} ${clockShare}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = of(batchMax, clockShare);
    if (known.size < rememberedMax) known.set(key, value);
    return value;
  };
};
const rememberedMax = 10_000;
