import { createGraphBuilder, type FillWeights, type WeightKind } from './graph-builder.ts';
import type { WeightyShape } from './shape.ts';

/** A ViT as SigLIP's (pre-norm, GELU), pixel shuffle and one projection: pictures to [images, tokens, hidden]. */
export const visionTower = (
  shape: WeightyShape,
  kind: WeightKind,
  fill: FillWeights,
): { readonly bytes: Uint8Array; readonly weights: number } => {
  const { imagePx, patchPx, hidden, heads, layers, feedForward, shuffle } = shape.vision;
  const side = imagePx / patchPx;
  const headSize = hidden / heads;
  const graph = createGraphBuilder(kind, fill);
  const { node, constant, floats, linear } = graph;
  const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
  const norm = (input: string): string =>
    node('LayerNormalization', [
      input,
      floats([hidden], ones(hidden)),
      floats([hidden], new Float32Array(hidden)),
    ]);
  const reshape = (input: string, dims: number[]): string =>
    node('Reshape', [input, constant('int64', [dims.length], dims)]);
  const transpose = (input: string, perm: readonly number[]): string =>
    node('Transpose', [input], { ints: { perm } });
  const split = (input: string, perm: readonly number[]): string =>
    transpose(reshape(input, [0, 0, heads, headSize]), perm);

  const attention = (input: string): string => {
    const query = split(linear(input, hidden, hidden), [0, 2, 1, 3]);
    const key = split(linear(input, hidden, hidden), [0, 2, 3, 1]);
    const value = split(linear(input, hidden, hidden), [0, 2, 1, 3]);
    const scaled = node('Mul', [query, constant('float', [], [1 / Math.sqrt(headSize)])]);
    const weights = node('Softmax', [node('MatMul', [scaled, key])], { ints: { axis: -1 } });
    const mixed = transpose(node('MatMul', [weights, value]), [0, 2, 1, 3]);
    return linear(reshape(mixed, [0, 0, hidden]), hidden, hidden);
  };

  const patch = floats([hidden, 3, patchPx, patchPx], fill(3 * patchPx * patchPx, hidden));
  const patches = node('Conv', ['pixel_values', patch], {
    ints: { kernel_shape: [patchPx, patchPx], strides: [patchPx, patchPx] },
  });
  const rows = transpose(reshape(patches, [0, hidden, side * side]), [0, 2, 1]);
  let state = node('Add', [rows, floats([side * side, hidden], fill(side * side, hidden))]);
  for (let layer = 0; layer < layers; layer++) {
    state = node('Add', [state, attention(norm(state))]);
    const wide = node('Gelu', [linear(norm(state), hidden, feedForward)]);
    state = node('Add', [state, linear(wide, feedForward, hidden)]);
  }
  // Pixel shuffle: a square of patches becomes one token with the channels of all of them.
  const tokensSide = side / shuffle;
  const cut = reshape(norm(state), [-1, tokensSide, shuffle, tokensSide, shuffle, hidden]);
  const wide = shuffle * shuffle * hidden;
  const shuffled = reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [-1, tokensSide ** 2, wide]);
  node('Identity', [linear(shuffled, wide, shape.decoder.hidden)], { outputs: ['image_features'] });
  const bytes = graph.encode(
    'vision',
    [{ name: 'pixel_values', type: 'float', dims: ['images', 3, imagePx, imagePx] }],
    [
      {
        name: 'image_features',
        type: 'float',
        dims: ['images', tokensSide ** 2, shape.decoder.hidden],
      },
    ],
  );
  return { bytes, weights: graph.weightCount };
};
