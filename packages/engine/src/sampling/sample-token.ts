import { Fault, uniformAt } from '@isotherm/kernel';
import type { Sampling } from '../contract.ts';
import { likeliest } from './likeliest.ts';

/**
 * Chooses the next token from one row of logits. Temperature 0 takes the highest (the lowest id among equals).
 * Otherwise the draw is `uniformAt(seed, tokenIndex)`: a pure function, so that a sequence that is continued elsewhere
 * draws the same. Logits of minus infinity are never drawn. Faults: `internal` when the logits hold no finite maximum.
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
 * Temperature, then min-p (arXiv 2407.01082: what has less than `minP` of the likeliest token's probability goes), then
 * top-k, then top-p (nucleus sampling, arXiv 1904.09751, over what is left): the order of vLLM. One of the tokens left,
 * in proportion to its probability. Where neither top-k nor top-p cuts, tokens are laid out in the order of their ids.
 */
const drawFrom = (
  logits: Float32Array,
  best: number,
  { temperature, topP, topK = 0, minP = 0 }: Sampling,
  uniform: number,
): number => {
  const highest = logits[best] ?? 0;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let token = 0; token < logits.length; token++) {
    const weight = Math.exp(((logits[token] ?? 0) - highest) / temperature);
    // The likeliest token weighs 1, so a weight is a share of its probability already.
    weights[token] = Number.isNaN(weight) || weight < minP ? 0 : weight;
    total += weights[token] ?? 0;
  }
  if (topK > 0 && topK < weights.length) {
    const tokens = likeliest(weights, topK);
    const sum = tokens.reduce((mass, token) => mass + (weights[token] ?? 0), 0);
    const kept = topP >= 1 ? { tokens, total: sum } : nucleusOf(tokens, weights, sum, topP);
    return pick(kept.tokens, weights, uniform * kept.total, best);
  }
  if (topP >= 1) return pick(allTokens(weights.length), weights, uniform * total, best);
  const nucleus = nucleusOf(sorted(weights, total, topP), weights, total, topP);
  return pick(nucleus.tokens, weights, uniform * nucleus.total, best);
};

/** Tokens in falling order of weight, without those that cannot be in the nucleus. */
const sorted = (weights: Float64Array, total: number, topP: number): readonly number[] => {
  // A token below this share could not be reached even if all remaining ones had it: no need to sort it.
  const floor = ((1 - topP) * total) / weights.length;
  const candidates: number[] = [];
  for (let token = 0; token < weights.length; token++) {
    if ((weights[token] ?? 0) >= floor) candidates.push(token);
  }
  return candidates.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
};

/** Of tokens in falling order, the fewest whose weights reach `topP` of the total. */
const nucleusOf = (
  tokens: readonly number[],
  weights: Float64Array,
  total: number,
  topP: number,
): { tokens: readonly number[]; total: number } => {
  let sum = 0;
  let size = 0;
  while (size < tokens.length && (size === 0 || sum < topP * total)) {
    sum += weights[tokens[size] ?? 0] ?? 0;
    size += 1;
  }
  return { tokens: tokens.slice(0, size), total: sum };
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
