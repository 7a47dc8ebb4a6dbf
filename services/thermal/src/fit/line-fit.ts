/**
 * A line y = a + b x that follows what is observed (recursive least squares with forgetting), from a prior that is held until
 * observations speak against it, and how far off it has been lately.
 */
export interface LineFit {
  readonly a: number;
  readonly b: number;
  /** Mean absolute error of what the line said before it was told, lately. */
  readonly error: number;
  readonly samples: number;
  readonly covariance: readonly [number, number, number];
}

export interface LineSettings {
  /** How sure the prior is, as variances of a and b. */
  readonly aVariance: number;
  readonly bVariance: number;
  /** Of one observation. */
  readonly noiseVariance: number;
  /** Weight that an observation keeps with each new one. */
  readonly memory: number;
  /** Farthest that a and b may go from the prior. */
  readonly aMax: number;
  readonly bMin: number;
  readonly bMax: number;
}

/** Observations over which the error is averaged. */
const errorSamples = 30;

export const newLine = ({ aVariance, bVariance }: LineSettings): LineFit => ({
  ...{ a: 0, b: 1, error: 0, samples: 0, covariance: [aVariance, 0, bVariance] },
});

/** The line after one more observation. */
export const observe = (line: LineFit, x: number, y: number, settings: LineSettings): LineFit => {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return line;
  const [aa, ab, bb] = line.covariance;
  const miss = y - (line.a + line.b * x);
  const [pa, pb] = [aa + ab * x, ab + bb * x];
  const spread = settings.memory * settings.noiseVariance + pa + pb * x;
  const [ka, kb] = [pa / spread, pb / spread];
  const samples = line.samples + 1;
  const weight = 1 / Math.min(samples, errorSamples);
  // Forgetting must not make what is never observed arbitrarily unsure.
  const grown = (value: number, most: number): number => Math.min(most, value / settings.memory);
  return {
    a: Math.min(settings.aMax, Math.max(-settings.aMax, line.a + ka * miss)),
    b: Math.min(settings.bMax, Math.max(settings.bMin, line.b + kb * miss)),
    error: line.error + (Math.abs(miss) - line.error) * weight,
    samples,
    covariance: [
      grown(aa - ka * pa, settings.aVariance),
      ab - ka * pb,
      grown(bb - kb * pb, settings.bVariance),
    ],
  };
};
