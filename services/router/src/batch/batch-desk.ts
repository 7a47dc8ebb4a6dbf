import { createHash, randomInt, randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Fault } from '@isotherm/kernel';
import { defaultTenant, type SloClassName } from '@isotherm/policy';
import {
  type BatchBound,
  batchIdOf,
  type BatchStore,
  type BatchView,
  batchWindow,
} from '@isotherm/lanes';
import type { BatchResult, GenerateRequest } from '@isotherm/proto';
import { chatOfGenerate } from '../grpc/chat-of-generate.ts';
import type { RouterSettings } from '../settings.ts';
import { bytesOfRequest, resultsOfBytes } from './batch-bytes.ts';
import type { BatchRunner } from './batch-runner.ts';

export type BatchBounds = Pick<
  RouterSettings,
  | 'batchesMax'
  | 'batchItemsMax'
  | 'batchBytesMax'
  | 'tenantBatchesMax'
  | 'tenantBatchBytesMax'
  | 'batchResultBytesMax'
  | 'batchRunMs'
  | 'batchKeptMs'
>;

export interface BatchPage {
  readonly batch: BatchView;
  readonly results: readonly BatchResult[];
  /** Place at which the next page begins; 0 after the last. */
  readonly next: number;
}

/** Whose the requests are and how urgent, where they do not say so themselves. */
export interface AskedBy {
  readonly tenant?: string;
  readonly sloClass?: SloClassName;
}

/**
 * What clients ask of batches. Tenants share no names: what one has submitted is not there for another. Every call throws
 * a Fault; `not_found` for a batch that is not, or no longer, there.
 */
export interface BatchDesk {
  submit(
    id: string,
    requests: readonly GenerateRequest[],
    asked?: AskedBy,
  ): Promise<{ readonly batch: BatchView; readonly known: boolean }>;
  page(id: string, first: number, countMax: number, tenant?: string): Promise<BatchPage>;
  cancel(id: string, tenant?: string): Promise<BatchView>;
}

const pageMax = 100;
const namePattern = /^[\w.-]{1,64}$/;
/** Bytes after which others have their turn on the event loop. */
const turnBytes = 1 << 20;

export const createBatchDesk = (
  store: BatchStore,
  runner: Pick<BatchRunner, 'queue'>,
  bounds: BatchBounds,
): BatchDesk => ({
  submit: async (given, sent, asked = {}) => {
    const name = given === '' ? randomUUID() : checkedName(given);
    const id = batchIdOf(asked.tenant ?? defaultTenant, name);
    // Nobody waits for a batch, unless its client says otherwise.
    const requests = sent.map((request) => ({
      ...request,
      tenant: request.tenant || (asked.tenant ?? ''),
      sloClass: request.sloClass || (asked.sloClass ?? 'batch'),
    }));
    checkRequests(requests, bounds);
    const { digest, bytes } = await prepare(requests);
    const deadlineMs = Date.now() + bounds.batchRunMs;
    const limits = {
      batchesMax: bounds.batchesMax,
      bytesMax: bounds.batchBytesMax,
      ownerBatchesMax: bounds.tenantBatchesMax,
      ownerBytesMax: bounds.tenantBatchBytesMax,
      resultBytesMax: bounds.batchResultBytesMax,
    };
    const batch = { id, digest, requests: bytes, deadlineMs, keptMs: bounds.batchKeptMs };
    const outcome = await store.submit(batch, limits);
    switch (outcome.kind) {
      case 'full':
        throw full(outcome.reason, bounds);
      case 'different':
        throw new Fault(
          'invalid_argument',
          `batch_id: "${name}" is the name of a batch of other requests.`,
          { param: 'batch_id' },
        );
      case 'submitted': {
        const first = Math.min(batchWindow, requests.length);
        await runner.queue(Array.from({ length: first }, (_, index) => ({ batchId: id, index })));
        break;
      }
      case 'known':
        break;
      default:
        outcome satisfies never;
    }
    return { batch: there(await store.view(id), name), known: outcome.kind === 'known' };
  },
  page: async (name, first, countMax, tenant = defaultTenant) => {
    const id = batchIdOf(tenant, checkedName(name));
    const batch = there(await store.view(id), name);
    const asked = countMax === 0 ? pageMax : Math.min(countMax, pageMax);
    const count = Math.max(0, Math.min(asked, batch.items - first));
    const results = await store.results(id, first, count);
    return {
      batch,
      results: results.flatMap(({ bytes }) => resultsOfBytes(bytes)),
      next: first + count < batch.items && count > 0 ? first + count : 0,
    };
  },
  cancel: async (name, tenant = defaultTenant) =>
    there(await store.cancel(batchIdOf(tenant, checkedName(name))), name),
});

const checkedName = (name: string): string => {
  if (namePattern.test(name)) return name;
  throw new Fault('invalid_argument', 'batch_id must have 1 to 64 letters, digits, ., _ and -.', {
    param: 'batch_id',
  });
};

const checkRequests = (
  requests: readonly GenerateRequest[],
  { batchItemsMax }: BatchBounds,
): void => {
  const param = 'requests';
  if (requests.length === 0) {
    throw new Fault('invalid_argument', 'requests must hold at least one request.', { param });
  }
  if (requests.length > batchItemsMax) {
    const problem = `requests may hold ${batchItemsMax} requests, not ${requests.length}.`;
    throw new Fault('invalid_argument', problem, { param });
  }
  requests.forEach((request, index) => checkRequest(request, `${param}[${index}]`));
};

/** What is malformed is refused here; what a model does not take becomes the result of its request. */
const checkRequest = (request: GenerateRequest, place: string): void => {
  try {
    chatOfGenerate(request, undefined);
  } catch (error) {
    const { code, message, param } = Fault.from(error);
    const at = param === undefined ? place : `${place}.${param}`;
    throw new Fault(code, `In ${place}: ${message}`, { param: at, cause: error });
  }
};

/** A seed that was left out is fixed, so that a request that is run again has the same answer. */
const prepare = async (
  requests: readonly GenerateRequest[],
): Promise<{ readonly digest: string; readonly bytes: readonly Uint8Array[] }> => {
  const hash = createHash('sha256');
  const bytes: Uint8Array[] = [];
  let sinceTurn = 0;
  for (const request of requests) {
    const asGiven = bytesOfRequest(request);
    hash.update(`${asGiven.length}:`).update(asGiven);
    const { seed } = request;
    bytes.push(
      seed === undefined ? bytesOfRequest({ ...request, seed: randomInt(2 ** 32) }) : asGiven,
    );
    sinceTurn += asGiven.length;
    if (sinceTurn > turnBytes) {
      sinceTurn = 0;
      await turn();
    }
  }
  return { digest: hash.digest('hex'), bytes };
};

/** A batch under the name by which its tenant knows it. */
const there = (batch: BatchView | undefined, name: string): BatchView => {
  if (batch !== undefined) return { ...batch, id: name };
  throw new Fault('not_found', `There is no batch "${name}"; it may have been forgotten.`, {
    param: 'batch_id',
  });
};

/** A tenant's own bound is its own affair, as with its rate of tokens; the bound of all is not. */
const full = (reason: BatchBound, bounds: BatchBounds): Fault => {
  const { batchesMax, batchBytesMax, tenantBatchesMax, tenantBatchBytesMax } = bounds;
  switch (reason) {
    case 'owner_batches':
      return new Fault(
        'rate_limited',
        `The tenant has ${tenantBatchesMax} batches already, ${ended}.`,
      );
    case 'owner_bytes':
      return new Fault(
        'rate_limited',
        `All batches of a tenant may take ${tenantBatchBytesMax} bytes; this one does not fit.`,
      );
    case 'batches':
      return new Fault('saturated', `There are ${batchesMax} batches already, ${ended}.`);
    case 'bytes':
      return new Fault(
        'saturated',
        `All batches together may take ${batchBytesMax} bytes; this one does not fit.`,
      );
    default:
      return reason satisfies never;
  }
};

const ended = 'those that ended lately included';
