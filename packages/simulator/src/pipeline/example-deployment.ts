import { linearCost } from '../stations/stage-cost.ts';
import type { Deployment, Pool } from './deployment.ts';

const costs = {
  encode: linearCost({ fixedMs: 2, tokenMs: 0.05 }, { batchMax: 4 }),
  prefill: linearCost({ fixedMs: 10, tokenMs: 0.05 }, { batchMax: 8, tokensMax: 8192 }),
  decode: linearCost({ fixedMs: 20, eachMs: 0.2 }, { batchMax: 32, clockFixedShare: 0.5 }),
};

/** Pools for tests: times are round, so that a request's can be added up by hand. */
export const examplePools = {
  decoupled: [
    { role: 'encode', count: 4, gpus: 1, costs },
    { role: 'prefill', count: 2, gpus: 2, costs },
    { role: 'decode', count: 2, gpus: 2, costs, kvTokensMax: 100_000 },
  ],
  imageAndText: [
    { role: 'encode', count: 4, gpus: 1, costs },
    { role: 'text', count: 4, gpus: 2, costs, kvTokensMax: 100_000 },
  ],
  monolith: [{ role: 'whole', count: 6, gpus: 2, costs, kvTokensMax: 100_000 }],
} as const satisfies Readonly<Record<string, readonly Pool[]>>;

export const exampleDeployment = (
  pools: readonly Pool[],
  different: Partial<Deployment> = {},
): Deployment => ({
  ...{ model: 'example', reading: 'decoder-only', mediaTokenShare: 1, pools },
  transfer: { latencyMs: 5, embeddingMsPerToken: 0.001, kvMsPerToken: 0.01 },
  ...{ slo: { ttftMs: 1000, tbtMs: 50 }, answerTokensExpected: 100, ...different },
});
