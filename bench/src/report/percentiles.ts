/** Figures of a sample, in the unit of its values. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The value below which a share of the sample lies, interpolated between neighbours (as NumPy and spreadsheets do
 * by default). NaN for an empty sample.
 */
export const percentile = (sample: readonly number[], share: number): number =>
  ofSorted(sorted(sample), share);

export const median = (sample: readonly number[]): number => percentile(sample, 0.5);

export const summarize = (sample: readonly number[]): Summary => {
  const values = sorted(sample);
  return {
    count: values.length,
    p50: round(ofSorted(values, 0.5)),
    p90: round(ofSorted(values, 0.9)),
    p99: round(ofSorted(values, 0.99)),
    max: round(ofSorted(values, 1)),
  };
};

/** Three decimals: a microsecond, where the unit is a millisecond. */
export const round = (value: number): number => Math.round(value * 1000) / 1000;

const sorted = (sample: readonly number[]): readonly number[] => sample.toSorted((a, b) => a - b);

const ofSorted = (values: readonly number[], share: number): number => {
  const rank = share * (values.length - 1);
  const below = values[Math.floor(rank)] ?? Number.NaN;
  const above = values[Math.ceil(rank)] ?? Number.NaN;
  return below + (above - below) * (rank - Math.floor(rank));
};
