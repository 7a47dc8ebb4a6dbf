/** Branded identifiers: a `RequestId` cannot be passed where an `InstanceId` is meant. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One client request, from admission to its last token. */
export type RequestId = Branded<'RequestId'>;
/** One running process (or one in-process host) of one stage, new at every start. */
export type InstanceId = Branded<'InstanceId'>;
/** One piece of stage work of one request: a request has one job for each image, prefill and decode attempt. */
export type JobId = Branded<'JobId'>;
/** A payload (media, embedding, KV cache, prompt) that its owner keeps under a lease. */
export type LeaseId = Branded<'LeaseId'>;

export const requestId = (text: string): RequestId => text as RequestId;
export const instanceId = (text: string): InstanceId => text as InstanceId;
export const jobId = (text: string): JobId => text as JobId;
export const leaseId = (text: string): LeaseId => text as LeaseId;

/**
 * The stages of the pipeline, in the order a request meets them; `whole` is all of them at once, by
 * a server that does not take a model apart.
 */
export const stages = ['encode', 'prefill', 'decode', 'whole'] as const;
export type Stage = (typeof stages)[number];

/** What an instance takes: tensors of a model that is run stage by stage, or a conversation in words. */
export type Intake = 'tensors' | 'conversation';
