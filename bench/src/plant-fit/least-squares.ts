/** A row of features and what they should give. */
export interface Sample {
  readonly features: readonly number[];
  readonly target: number;
}

export interface FitOptions {
  /** Pulls coefficients towards 0, by this share of the samples' number, from this index on. */
  readonly ridgeShare: number;
  readonly ridgeFrom: number;
  /** Rounds of reweighting towards the least absolute error; 0: least squares. */
  readonly robustRounds: number;
}

/** Coefficients of a linear model. Errors below this weigh alike in robust rounds. */
const errorMin = 0.3;

export const fitLinear = (samples: readonly Sample[], options: FitOptions): readonly number[] => {
  let coefficients = solveWeighted(samples, () => 1, options);
  for (let round = 0; round < options.robustRounds; round += 1) {
    const current = coefficients;
    const weightOf = ({ features, target }: Sample): number =>
      1 / Math.max(errorMin, Math.abs(target - dot(features, current)));
    coefficients = solveWeighted(samples, weightOf, options);
  }
  return coefficients;
};

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

const solveWeighted = (
  samples: readonly Sample[],
  weightOf: (sample: Sample) => number,
  { ridgeShare, ridgeFrom }: FitOptions,
): readonly number[] => {
  const size = samples[0]?.features.length ?? 0;
  const matrix = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size + 1 }, (_cell, column) =>
      row === column && row >= ridgeFrom ? ridgeShare * samples.length + 1e-9 : 0,
    ),
  );
  for (const sample of samples) {
    const weight = weightOf(sample);
    matrix.forEach((cells, row) => {
      const scaled = weight * (sample.features[row] ?? 0);
      if (scaled === 0) return;
      for (let column = 0; column < size; column += 1) {
        cells[column] = (cells[column] ?? 0) + scaled * (sample.features[column] ?? 0);
      }
      cells[size] = (cells[size] ?? 0) + scaled * sample.target;
    });
  }
  return solve(matrix);
};

/** Gauss with pivots, of a matrix with its right side as last column. */
export const solve = (matrix: readonly (readonly number[])[]): readonly number[] => {
  const rows = matrix.map((row) => [...row]);
  const size = rows.length;
  for (let step = 0; step < size; step += 1) {
    const pivot = rows.reduce(
      (best, row, index) =>
        index >= step && Math.abs(row[step] ?? 0) > Math.abs(rows[best]?.[step] ?? 0)
          ? index
          : best,
      step,
    );
    const [upper, lower] = [rows[step], rows[pivot]];
    if (upper === undefined || lower === undefined) break;
    [rows[step], rows[pivot]] = [lower, upper];
    const head = lower[step] ?? 0;
    if (Math.abs(head) < 1e-12) continue;
    rows.forEach((row, index) => {
      if (index === step) return;
      const factor = (row[step] ?? 0) / head;
      for (let column = step; column <= size; column += 1) {
        row[column] = (row[column] ?? 0) - factor * (lower[column] ?? 0);
      }
    });
  }
  return rows.map((row, index) => {
    const head = row[index] ?? 0;
    return Math.abs(head) < 1e-12 ? 0 : (row[size] ?? 0) / head;
  });
};
