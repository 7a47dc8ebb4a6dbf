/**
 * How long a stage's engine takes, learnt from what it did: moments of (tokens, milliseconds) in which older jobs count
 * for less. The shape is one instance at work, the queue in front of it left out.
 */
export interface StageSpeed {
  /** Jobs, in weights that fade. */
  readonly count: number;
  readonly tokens: number;
  readonly ms: number;
  readonly tokensSquared: number;
  readonly tokensMs: number;
  /** Jobs seen in all. */
  readonly seen: number;
}

export const unknownSpeed: StageSpeed = {
  ...{ count: 0, tokens: 0, ms: 0, tokensSquared: 0, tokensMs: 0, seen: 0 },
};

/** What a job before the last counts beside it: about the last 64 matter. */
const fading = 63 / 64;
/** A model that has done less is not spoken for. */
const seenMin = 8;

export const observeJob = (
  speed: StageSpeed,
  job: { readonly tokens: number; readonly ms: number },
): StageSpeed => {
  const { tokens } = job;
  const ms = Math.max(0, job.ms);
  return {
    count: speed.count * fading + 1,
    tokens: speed.tokens * fading + tokens,
    ms: speed.ms * fading + ms,
    tokensSquared: speed.tokensSquared * fading + tokens * tokens,
    tokensMs: speed.tokensMs * fading + tokens * ms,
    seen: speed.seen + 1,
  };
};

/**
 * Time that a number of jobs with so many tokens in all takes one after the other: a time for each job plus one for each
 * token, by least squares over what was seen; undefined until enough was. Never negative, and never less for more.
 */
export const expectedMs = (speed: StageSpeed, jobs: number, tokens: number): number | undefined => {
  if (speed.seen < seenMin) return undefined;
  const meanTokens = speed.tokens / speed.count;
  const meanMs = speed.ms / speed.count;
  const variance = speed.tokensSquared / speed.count - meanTokens ** 2;
  const covariance = speed.tokensMs / speed.count - meanTokens * meanMs;
  const proportional = meanTokens > 0 ? meanMs / meanTokens : 0;
  // Where all jobs are of about one size, only their sum is known.
  const fitted = variance > (meanTokens * 0.01) ** 2 ? covariance / variance : proportional;
  const tokenMs = Math.min(Math.max(0, fitted), proportional);
  const jobMs = Math.max(0, meanMs - tokenMs * meanTokens);
  return jobs * jobMs + tokens * tokenMs;
};
