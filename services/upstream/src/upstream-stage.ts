import {
  type Conversation,
  conversationOfTensors,
  type KvTransferParams,
  type ServerLogprobs,
  type Upstream,
  type UpstreamCall,
  type UpstreamServer,
} from '@isotherm/engine/upstream';
import { Fault } from '@isotherm/kernel';
import type {
  ConversationJob,
  Handle,
  UpstreamEventInput,
  UpstreamTextInput,
} from '@isotherm/proto';
import { bytesPayload, type Payload, protos, pull } from '@isotherm/rpc';
import { type JobContext, keepForPeers, neverFails, type StageDefinition } from '@isotherm/stage';
import { watchHealth } from './health-watch.ts';

export interface UpstreamStageOptions {
  readonly upstream: Upstream;
  readonly stage: 'whole' | 'prefill' | 'decode';
  /** By the server's own name. */
  readonly model: string;
  readonly server: UpstreamServer;
  /** Most requests that are sent at once. */
  readonly capacity: number;
  readonly contextMax: number;
  readonly payloadBytesMax: number;
  readonly probeMs: number;
  /** Takes what a client is not told of a failure. */
  report(fault: Fault, jobId: string): void;
}

/** Largest description of a KV cache: the ids of its blocks, a few bytes for 16 tokens. */
const handedOverBytesMax = 8 << 20;

/**
 * A server that runs a whole model, or one half of a pair that hands KV caches over: pulls the
 * conversation, asks, and passes the answer on as it comes.
 */
export const upstreamStage = (
  options: UpstreamStageOptions,
): StageDefinition<ConversationJob, UpstreamEventInput> => {
  const { upstream, stage, model, capacity, contextMax, probeMs } = options;
  const work = stage === 'prefill' ? prefill : answer;
  let close = (): void => undefined;
  return {
    ...{ stage, model, capacity, contextMax },
    takes: 'conversation',
    service: protos.isotherm.upstream.v1.UpstreamService.service,
    tokensOf: (job) => job.tokens,
    run: async (job, context) => {
      try {
        await work(job, context, options);
      } catch (error) {
        const fault = Fault.from(error);
        if (fault.cause !== undefined) options.report(fault, job.jobId);
        throw fault;
      }
    },
    engineFailed: neverFails,
    watchReadiness: (changed) => {
      const watch = watchHealth({ probe: (signal) => upstream.probe(signal), probeMs, changed });
      close = watch.close;
    },
    closeEngine: async () => {
      close();
      await upstream.close();
    },
  };
};

type Context = JobContext<UpstreamEventInput>;

const answer = async (
  job: ConversationJob,
  context: Context,
  options: UpstreamStageOptions,
): Promise<void> => {
  const { jobId, requestId } = job;
  const startMs = performance.now();
  const [call, handedOver] = await Promise.all([
    callOf(job, context, options),
    options.stage === 'decode' ? handedOverOf(job, context) : undefined,
  ]);
  const askedMs = performance.now();
  for await (const event of options.upstream.answer(call, handedOver, context.signal)) {
    if (event.kind === 'text') {
      context.emit({ text: textOf(job, event) });
      continue;
    }
    const { reason: finishReason, usage } = event;
    const timing = timingOf(context, startMs, askedMs);
    context.emit({ answered: { jobId, requestId, finishReason, usage: usage ?? null, timing } });
    return;
  }
};

const prefill = async (
  job: ConversationJob,
  context: Context,
  options: UpstreamStageOptions,
): Promise<void> => {
  const { jobId, requestId } = job;
  const startMs = performance.now();
  const call = await callOf(job, context, options);
  const askedMs = performance.now();
  const outcome = await options.upstream.prefill(call, context.signal);
  const timing = timingOf(context, startMs, askedMs);
  if (outcome.kind === 'handedOver') {
    const bytes = new TextEncoder().encode(JSON.stringify(outcome.params));
    context.signal.throwIfAborted();
    const params = keepForPeers(context, job, bytesPayload(bytes), { tokens: 0 });
    context.emit({ handedOver: { jobId, requestId, params, timing } });
    return;
  }
  const { text, finished } = outcome;
  const { reason: finishReason, usage } = finished;
  if (text !== '') context.emit({ text: textOf(job, outcome) });
  context.emit({ answered: { jobId, requestId, finishReason, usage: usage ?? null, timing } });
};

const textOf = (
  { jobId, requestId }: ConversationJob,
  { text, logprobs }: { readonly text: string; readonly logprobs: readonly ServerLogprobs[] },
): UpstreamTextInput => ({
  ...{ jobId, requestId, text },
  logprobs: logprobs.map((token) => ({ ...token, top: [...token.top] })),
});

const timingOf = ({ laneWaitMs }: Context, startMs: number, askedMs: number) => ({
  laneWaitMs,
  pullMs: askedMs - startMs,
  queueMs: 0,
  engineMs: performance.now() - askedMs,
  batch: 1,
});

const callOf = async (
  job: ConversationJob,
  context: Context,
  options: UpstreamStageOptions,
): Promise<UpstreamCall> => {
  const payload = await pullOne(job, job.conversation, context, options.payloadBytesMax);
  const conversation: Conversation = conversationOfTensors(payload.tensors);
  const { model, server } = options;
  return { model, server, requestId: job.requestId, conversation };
};

/** Its lease ends with the pull: the blocks that it speaks of can be read once. */
const handedOverOf = async (job: ConversationJob, context: Context): Promise<KvTransferParams> => {
  const payload = await pullOne(job, job.handedOver, context, handedOverBytesMax, true);
  const bytes = payload.tensors[0]?.data;
  if (!(bytes instanceof Uint8Array)) {
    throw new Fault('internal', 'A hand-over came without its parameters.');
  }
  return JSON.parse(new TextDecoder().decode(bytes)) as KvTransferParams;
};

const pullOne = (
  { deadlineMs }: ConversationJob,
  handle: Handle | null,
  { peers, signal, given }: Context,
  bytesMax: number,
  releaseAfter = false,
): Promise<Payload> => {
  if (handle === null) throw new Fault('internal', 'A job came without its payload.');
  return pull(peers, handle, { deadlineMs, signal, bytesMax, releaseAfter, given });
};
