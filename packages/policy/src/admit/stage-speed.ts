/** What was seen of jobs of about one size, in weights that fade. */
interface SizeBin {
  readonly weight: number;
  readonly tokens: number;
  readonly ms: number;
}

/**
 * How long a stage's engine takes, learnt from what it did: by sizes in steps of two, so that one large job is remembered
 * among thousands of small ones. The shape is one instance at work, the queue in front of it left out.
 */
export interface StageSpeed {
  readonly bins: readonly (SizeBin | undefined)[];
  /** Jobs seen in all. */
  readonly seen: number;
  /** A time for each job and one for each token, in milliseconds: what the bins say together. */
  readonly jobMs: number;
  readonly tokenMs: number;
}

export const unknownSpeed: StageSpeed = { bins: [], seen: 0, jobMs: 0, tokenMs: 0 };

/** What a job before the last counts beside it, of its own size (about the last 64 matter) and of another one. */
const fading = 63 / 64;
const fadingOthers = 1023 / 1024;
/** A model that has done less is not spoken for. */
const seenMin = 8;
const binsMax = 32;
/** So many times the largest job that was seen is all that is spoken for. */
const reachTimes = 4;

export const observeJob = (
  speed: StageSpeed,
  job: { readonly tokens: number; readonly ms: number },
): StageSpeed => {
  const tokens = Math.max(0, job.tokens);
  const ms = Math.max(0, job.ms);
  const own = Math.min(binsMax - 1, Math.floor(Math.log2(Math.max(1, tokens))));
  const bins = Array.from({ length: Math.max(own + 1, speed.bins.length) }, (_, index) => {
    const bin = speed.bins[index];
    if (index !== own) return bin && fade(bin, fadingOthers);
    const before = bin === undefined ? emptyBin : fade(bin, fading);
    return { weight: before.weight + 1, tokens: before.tokens + tokens, ms: before.ms + ms };
  });
  return { bins, seen: speed.seen + 1, ...fit(bins) };
};

const emptyBin: SizeBin = { weight: 0, tokens: 0, ms: 0 };

const fade = ({ weight, tokens, ms }: SizeBin, times: number): SizeBin => ({
  weight: weight * times,
  tokens: tokens * times,
  ms: ms * times,
});

/** Errors count relative to the time of a job; below this, in milliseconds, they are those of clocks. */
const msMin = 0.01;

/**
 * Least squares over the means of the bins, of relative errors: small jobs are many and large ones long, and neither may
 * drown the other. Jobs of one size say nothing of other sizes: they are one time for each job, whatever it is of.
 */
const fit = (
  bins: readonly (SizeBin | undefined)[],
): { readonly jobMs: number; readonly tokenMs: number } => {
  const sums = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
  const raw = { w: 0, x: 0, y: 0 };
  for (const bin of bins) {
    if (bin === undefined || bin.weight < Number.MIN_VALUE) continue;
    const x = bin.tokens / bin.weight;
    const y = bin.ms / bin.weight;
    const w = bin.weight / Math.max(msMin, y) ** 2;
    raw.w += bin.weight;
    raw.x += bin.tokens;
    raw.y += bin.ms;
    sums.w += w;
    sums.x += w * x;
    sums.y += w * y;
    sums.xx += w * x * x;
    sums.xy += w * x * y;
  }
  const variance = sums.w * sums.xx - sums.x ** 2;
  const constant = { jobMs: raw.y / raw.w, tokenMs: 0 };
  if (variance <= 1e-12 * sums.w * sums.xx) return constant;
  const tokenMs = (sums.w * sums.xy - sums.x * sums.y) / variance;
  if (tokenMs <= 0) return constant;
  const jobMs = (sums.y - tokenMs * sums.x) / sums.w;
  return jobMs < 0 ? { jobMs: 0, tokenMs: sums.xy / sums.xx } : { jobMs, tokenMs };
};

/**
 * Time that a number of jobs with so many tokens in all takes one after the other; undefined until enough was seen. Never
 * negative, and never less for more.
 */
export const expectedMs = (
  { seen, jobMs, tokenMs }: StageSpeed,
  jobs: number,
  tokens: number,
): number | undefined => (seen < seenMin ? undefined : jobs * jobMs + tokens * tokenMs);

/**
 * Tokens that so many jobs are counted as. What is far larger than all that was seen is counted as some times that: a
 * slope between small jobs is mostly noise, and multiplied by thousands it would refuse for ever what nobody has tried.
 */
export const countedTokens = ({ bins }: StageSpeed, jobs: number, tokens: number): number => {
  const largest = bins.at(-1);
  if (largest === undefined) return tokens;
  return Math.min(tokens, (jobs * reachTimes * largest.tokens) / largest.weight);
};
