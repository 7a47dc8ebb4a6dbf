import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { BatchView } from '@isotherm/lanes';
import type {
  BatchInput,
  CancelBatchRequest,
  CancelBatchResponseInput,
  GetBatchRequest,
  GetBatchResponseInput,
  SubmitBatchRequest,
  SubmitBatchResponseInput,
} from '@isotherm/proto';
import { unaryHandler } from '@isotherm/rpc';
import { askedByHeaders } from '../admission/who-asks.ts';
import type { BatchDesk } from '../batch/batch-desk.ts';

/** The calls about batches: translation only. */
export const batchCalls = (desk: () => BatchDesk): UntypedServiceImplementation => ({
  SubmitBatch: unaryHandler<SubmitBatchRequest, SubmitBatchResponseInput>(
    async (request, _, metadata) => {
      const asked = askedByHeaders((name) => metadata.get(name)[0]?.toString());
      const { batch, known } = await desk().submit(request.batchId, request.requests, asked);
      return { batch: batchOf(batch), known };
    },
  ),
  GetBatch: unaryHandler<GetBatchRequest, GetBatchResponseInput>(async (request) => {
    const { batchId, firstResult, resultsMax } = request;
    const { batch, results, next } = await desk().page(batchId, firstResult, resultsMax);
    return { batch: batchOf(batch), results: [...results], nextResult: next };
  }),
  CancelBatch: unaryHandler<CancelBatchRequest, CancelBatchResponseInput>(async ({ batchId }) => ({
    batch: batchOf(await desk().cancel(batchId)),
  })),
});

const batchOf = (view: BatchView): BatchInput => ({
  batchId: view.id,
  state: view.state,
  requests: view.items,
  answered: view.answered,
  failed: view.failed,
  createdUnixMs: view.createdMs,
  endedUnixMs: view.endedMs,
  deadlineUnixMs: view.deadlineMs,
  keptUntilUnixMs: view.keptUntilMs,
});
