import type { Metadata, UntypedServiceImplementation } from '@grpc/grpc-js';
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
import { askedByHeaders, parseTenant } from '../admission/who-asks.ts';
import type { AskedBy, BatchDesk } from '../batch/batch-desk.ts';

/** The calls about batches: translation only. */
export const batchCalls = (desk: () => BatchDesk): UntypedServiceImplementation => ({
  SubmitBatch: unaryHandler<SubmitBatchRequest, SubmitBatchResponseInput>(
    async (request, _, metadata) => {
      const asked = askedBy(request, metadata);
      const { batch, known } = await desk().submit(request.batchId, request.requests, asked);
      return { batch: batchOf(batch), known };
    },
  ),
  GetBatch: unaryHandler<GetBatchRequest, GetBatchResponseInput>(async (request, _, metadata) => {
    const { batchId, firstResult, resultsMax } = request;
    const { tenant } = askedBy(request, metadata);
    const { batch, results, next } = await desk().page(batchId, firstResult, resultsMax, tenant);
    return { batch: batchOf(batch), results: [...results], nextResult: next };
  }),
  CancelBatch: unaryHandler<CancelBatchRequest, CancelBatchResponseInput>(
    async (request, _, metadata) => ({
      batch: batchOf(await desk().cancel(request.batchId, askedBy(request, metadata).tenant)),
    }),
  ),
});

/** What the metadata says, with the field's tenant before that of the metadata. */
const askedBy = ({ tenant }: { readonly tenant: string }, metadata: Metadata): AskedBy => ({
  ...askedByHeaders((name) => metadata.get(name)[0]?.toString()),
  ...(tenant !== '' && { tenant: parseTenant(tenant, 'tenant') }),
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
