import type {
  Batch,
  BatchResult,
  CancelBatchResponse,
  GenerateRequestInput,
  GetBatchResponse,
  SubmitBatchResponse,
} from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import type { Deployment } from './deployment.ts';
import { living } from './idle.ts';
import { until } from './until.ts';

const callMsMax = 10_000;
const options = () => ({ deadline: Date.now() + callMsMax });

/** Batches as a client of a tenant has them, at the first router that lives; a refusal is thrown as a Fault. */
export const batchClient = (deployment: Deployment, tenant = '') => {
  const router = () => {
    const [first] = living(deployment, 'router');
    if (first === undefined) throw new Error('No router lives.');
    return deployment.peers.router(first.ready.address);
  };
  const page = (batchId: string, firstResult = 0, resultsMax = 0): Promise<GetBatchResponse> =>
    callUnary((done) =>
      router().getBatch({ batchId, firstResult, resultsMax, tenant }, options(), done),
    );
  return {
    submit: (batchId: string, requests: GenerateRequestInput[]): Promise<SubmitBatchResponse> =>
      callUnary((done) => router().submitBatch({ batchId, requests, tenant }, options(), done)),
    cancel: (batchId: string): Promise<CancelBatchResponse> =>
      callUnary((done) => router().cancelBatch({ batchId, tenant }, options(), done)),
    page,
    /** All results, page by page. */
    results: async (batchId: string): Promise<readonly BatchResult[]> => {
      const results: BatchResult[] = [];
      for (let next = 0; ;) {
        const answer = await page(batchId, next, 7);
        results.push(...answer.results);
        next = answer.nextResult;
        if (next === 0) return results;
      }
    },
    /** Waits until a batch is as wanted; gives it as it was then. */
    until: async (batchId: string, wanted: (batch: Batch) => boolean, msMax = 30_000) => {
      let seen: Batch | null = null;
      const what = (): string => `the batch, which is ${JSON.stringify(seen)}`;
      await until(
        what,
        async () => {
          seen = (await page(batchId, 0, 1)).batch;
          return seen !== null && wanted(seen);
        },
        msMax,
      );
    },
  };
};
