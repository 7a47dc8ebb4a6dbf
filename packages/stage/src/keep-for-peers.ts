import { requestId } from '@isotherm/kernel';
import type { HandleInput } from '@isotherm/proto';
import { leaseExpiresMs, type Payload, payloadBytes } from '@isotherm/rpc';
import type { JobContext } from './stage-definition.ts';
import type { JobBase } from './work-table.ts';

/**
 * Keeps a job's result under a lease and says where it is. Aborted work keeps nothing. Faults: `saturated` when the
 * bytes do not fit.
 */
export const keepForPeers = (
  { store, address, instanceId, signal }: JobContext<never>,
  job: JobBase,
  payload: Payload,
  tokens: number,
): HandleInput => {
  signal.throwIfAborted();
  const leaseId = store.put(payload, {
    request: requestId(job.requestId),
    holder: job.routerId,
    expiresMs: leaseExpiresMs(job.deadlineMs),
  });
  return { leaseId, address, ownerId: instanceId, bytes: payloadBytes(payload), tokens };
};
