import { randomUUID } from 'node:crypto';
import { Fault, type InstanceId } from '@isotherm/kernel';
import { type RouteRequest, selectInstance } from '@isotherm/policy';
import type { Handle, LeaseRequest, LeaseResponse } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { WorkDone } from './job-desk.ts';
import type { PlaceOptions } from './place-work.ts';
import type { Releaser } from './releaser.ts';

/** A medium by its content, and for whom its embedding is wanted. */
export interface EmbeddingQuery extends Omit<LeaseRequest, 'leaseId'> {
  /** Its key in the index of caches. */
  readonly key: string;
  readonly contextTokens: number;
}

/**
 * Embeddings that encoders have made before. What one is known to hold is leased from it directly, past its lane; what
 * this router has under way somewhere is waited for there: a second job for it joins the first.
 */
export interface HeldEmbeddings {
  /** The embedding under a lease; undefined when no encoder is known to hold it, or it does not after all. */
  lease(query: EmbeddingQuery, signal: AbortSignal): Promise<WorkDone<Handle> | undefined>;
  /** An instance has been given a medium to encode; call the result with how that ended. */
  attempted(instance: InstanceId, key: string): (made: boolean) => void;
}

export interface HeldEmbeddingsOptions extends Omit<PlaceOptions, 'instanceWaitMs'> {
  readonly peers: Peers;
  readonly releaser: Releaser;
  readonly logger: Logger;
}

/** Unless the encoder itself has said no: what is said by who waits, or by a connection, proves nothing. */
const mayBeGranted = ({ code }: Fault): boolean =>
  code === 'deadline_exceeded' || code === 'unavailable' || code === 'cancelled';

/** Longest wait for an answer: it needs no computation, so an encoder that is slower is in trouble. */
const leaseMsMax = 1000;

export const createHeldEmbeddings = (options: HeldEmbeddingsOptions): HeldEmbeddings => {
  const { fleet, peers, releaser, logger } = options;
  /** Keys of media that this router has had sent to be encoded, with the number of jobs. */
  const underWay = new Map<string, number>();

  const holderOf = (query: EmbeddingQuery): InstanceId | undefined => {
    const { model, tokens, contextTokens, key } = query;
    const work = { stage: 'encode', model, tokens, contextTokens } as const;
    const request: RouteRequest = { ...work, excluded: new Set(), cacheKeys: [key] };
    const decision = selectInstance(options.policy, request, fleet.views(), options.random);
    if (decision.kind !== 'selected' || !decision.instance.cacheKeys.has(key)) return undefined;
    return decision.instance.id;
  };

  const ask = async (
    instance: InstanceId,
    query: EmbeddingQuery,
    signal: AbortSignal,
  ): Promise<Handle> => {
    const address = fleet.record(instance)?.address ?? '';
    const leaseId = randomUUID();
    const deadline = Math.min(query.deadlineMs, Date.now() + leaseMsMax);
    const { embedding } = await callUnary<LeaseResponse>((callback) =>
      peers.encoder(address).lease({ ...query, leaseId }, { deadline }, callback),
    ).catch((error: unknown) => {
      // It may have been granted all the same: the answer was lost, or came to a router that stood still.
      if (mayBeGranted(Fault.from(error))) releaser.release({ leaseId, address });
      throw error;
    });
    if (embedding === null) throw new Fault('internal', 'A lease came without an embedding.');
    if (!signal.aborted) return embedding;
    releaser.release(embedding);
    throw signal.reason;
  };

  return {
    lease: async (query, signal) => {
      signal.throwIfAborted();
      if (underWay.has(query.key) || query.deadlineMs <= Date.now()) return undefined;
      const instance = holderOf(query);
      if (instance === undefined) return undefined;
      const startMs = performance.now();
      try {
        const result = await ask(instance, query, signal);
        return { result, instance, totalMs: performance.now() - startMs };
      } catch (error) {
        signal.throwIfAborted();
        const { code } = Fault.from(error);
        fleet.forgetKey(instance, query.key);
        logger.info({ code, instance }, 'an embedding was not where it should be');
        return undefined;
      }
    },
    attempted: (instance, key) => {
      fleet.expectKey(instance, key);
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      return (made) => {
        const left = (underWay.get(key) ?? 1) - 1;
        if (left > 0) underWay.set(key, left);
        else underWay.delete(key);
        if (!made) fleet.forgetKey(instance, key);
      };
    },
  };
};
