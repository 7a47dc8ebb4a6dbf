import type { TokenLogprobs } from '../contract.ts';
import { likeliest } from './likeliest.ts';

/** Log-probability of a token and of the `top` likeliest, by the softmax of the logits as they are. */
export const tokenLogprobs = (logits: Float32Array, token: number, top: number): TokenLogprobs => {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (const logit of logits) if (!Number.isNaN(logit)) sum += Math.exp(logit - highest);
  const normalizer = highest + Math.log(sum);
  const logprobOf = (each: number): number => (logits[each] ?? Number.NaN) - normalizer;
  return {
    logprob: logprobOf(token),
    top: likeliest(logits, top).map((each) => ({ token: each, logprob: logprobOf(each) })),
  };
};
