/** A matrix [rows, columns] in int8, symmetric, with a scale for each column. */
export interface Quantised {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

export const quantise = (matrix: Float32Array, rows: number, columns: number): Quantised => {
  const scales = new Float32Array(columns).fill(1e-8);
  for (let at = 0; at < matrix.length; at++) {
    const column = at % columns;
    scales[column] = Math.max(scales[column] ?? 0, Math.abs(matrix[at] ?? 0));
  }
  for (let column = 0; column < columns; column++) {
    scales[column] = (scales[column] ?? 0) / 127;
  }
  const values = new Int8Array(rows * columns);
  for (let at = 0; at < matrix.length; at++) {
    values[at] = Math.round((matrix[at] ?? 0) / (scales[at % columns] ?? 1));
  }
  return { values, scales };
};
