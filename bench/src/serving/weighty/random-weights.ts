import type { FillWeights } from './graph-builder.ts';

/**
 * Uniform weights whose products keep the variance of what they are multiplied with, so that activations stay in range
 * through any number of layers. A plain xorshift: a quarter of a billion numbers have to be made in seconds.
 */
export const randomWeights = (seed: number): FillWeights => {
  let state = seed | 1;
  return (rows, columns) => {
    const values = new Float32Array(rows * columns);
    const reach = Math.sqrt(3 / rows) / 2 ** 31;
    for (let at = 0; at < values.length; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[at] = state * reach;
    }
    return values;
  };
};
