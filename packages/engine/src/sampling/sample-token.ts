import { Fault, uniformAt } from '@isotherm/kernel';
import type { Sampling } from '../contract.ts';

/**
 * Chooses the next token from one row of logits. Temperature 0 takes the highest (the lowest id among equals).
 * Otherwise the draw is `uniformAt(seed, tokenIndex)`: a pure function, so that a sequence that is continued elsewhere
 * draws the same. Faults: `internal` when the logits hold no finite maximum.
 */
export const sampleToken = (
  logits: Float32Array,
  sampling: Sampling,
  tokenIndex: number,
): number => {
  const best = argmax(logits);
  if (sampling.temperature <= 0) return best;
  return drawFrom(logits, best, sampling, uniformAt(sampling.seed, tokenIndex));
};

/** Index of the highest value; the first one among equals. */
export const argmax = (values: Float32Array): number => {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (value > highest) [best, highest] = [index, value];
  }
  if (best < 0 || highest === Number.POSITIVE_INFINITY) {
    throw new Fault('internal', 'The model gave no finite logits.');
  }
  return best;
};

/**
 * Nucleus sampling (arXiv 1904.09751): of the tokens in falling order of probability, the fewest whose sum reaches
 * `topP`; one of them in proportion to its probability. With `topP` 1 all tokens take part, in the order of their ids.
 */
const drawFrom = (
  logits: Float32Array,
  best: number,
  { temperature, topP }: Sampling,
  uniform: number,
): number => {
  const highest = logits[best] ?? 0;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let token = 0; token < logits.length; token++) {
    const weight = Math.exp(((logits[token] ?? 0) - highest) / temperature);
    weights[token] = Number.isNaN(weight) ? 0 : weight;
    total += weights[token] ?? 0;
  }
  if (topP >= 1) return pick(allTokens(weights.length), weights, uniform * total, best);
  const nucleus = nucleusOf(weights, total, topP);
  return pick(nucleus.tokens, weights, uniform * nucleus.total, best);
};

const nucleusOf = (
  weights: Float64Array,
  total: number,
  topP: number,
): { tokens: readonly number[]; total: number } => {
  // A token below this share could not be reached even if all remaining ones had it: no need to sort it.
  const floor = ((1 - topP) * total) / weights.length;
  const candidates: number[] = [];
  for (let token = 0; token < weights.length; token++) {
    if ((weights[token] ?? 0) >= floor) candidates.push(token);
  }
  candidates.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  let sum = 0;
  let size = 0;
  while (size < candidates.length && (size === 0 || sum < topP * total)) {
    sum += weights[candidates[size] ?? 0] ?? 0;
    size += 1;
  }
  return { tokens: candidates.slice(0, size), total: sum };
};

/** The token under `target` on the line of weights laid end to end; `fallback` if rounding runs past the end. */
const pick = (
  tokens: Iterable<number>,
  weights: Float64Array,
  target: number,
  fallback: number,
): number => {
  let sum = 0;
  for (const token of tokens) {
    sum += weights[token] ?? 0;
    if (target < sum) return token;
  }
  return fallback;
};

function* allTokens(count: number): Iterable<number> {
  for (let token = 0; token < count; token++) yield token;
}
