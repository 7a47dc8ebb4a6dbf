import { requestId } from '@isotherm/kernel';
import type { HandleInput } from '@isotherm/proto';
import { leaseExpiresMs, type Payload, payloadBytes } from '@isotherm/rpc';
import type { StageResources } from './stage-definition.ts';
import type { JobBase } from './work-table.ts';

/** What is known of a result beside its bytes. */
export interface KeptResult {
  /** Rows in tokens. */
  readonly tokens: number;
  /** What its content is told apart by, where that is known. */
  readonly digest?: string;
  /** What the lease is to be called; absent or empty: as may be. */
  readonly leaseId?: string;
  /** Called once, when the lease has ended. */
  ended?(): void;
}

/**
 * Keeps a job's result under a lease and says where it is. The caller has checked that it was not aborted. Faults:
 * `saturated` when the bytes do not fit.
 */
export const keepForPeers = (
  { store, address, instanceId }: StageResources,
  job: Pick<JobBase, 'requestId' | 'routerId' | 'deadlineMs'>,
  payload: Payload,
  { tokens, digest = '', leaseId: id, ended }: KeptResult,
): HandleInput => {
  const leaseId = store.put(payload, {
    id,
    request: requestId(job.requestId),
    holder: job.routerId,
    expiresMs: leaseExpiresMs(job.deadlineMs),
    ended,
  });
  return { leaseId, address, ownerId: instanceId, bytes: payloadBytes(payload), digest, tokens };
};
