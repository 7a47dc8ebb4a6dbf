import type {
  Embedding,
  PrefillEngine,
  PrefillOutput,
  Sampling,
  Supervised,
  Tensor,
} from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { Handle, PrefillEventInput, PrefillJob } from '@isotherm/proto';
import { type Payload, protos, pull } from '@isotherm/rpc';
import {
  createTurnstile,
  type JobContext,
  keepForPeers,
  neverFails,
  type StageDefinition,
  type Turnstile,
} from '@isotherm/stage';

export interface PrefillStageOptions {
  readonly engine: PrefillEngine & Partial<Supervised>;
  readonly model: string;
  readonly contextMax: number;
  readonly payloadBytesMax: number;
}

/** The prefill stage: pulls prompt and embeddings, runs the prompt, keeps the KV cache for a decode instance. */
export const prefillStage = (
  options: PrefillStageOptions,
): StageDefinition<PrefillJob, PrefillEventInput> => {
  const turnstile = createTurnstile();
  return {
    stage: 'prefill',
    service: protos.isotherm.prefill.v1.PrefillService.service,
    model: options.model,
    capacity: 1,
    contextMax: options.contextMax,
    tokensOf: (job) => job.promptTokens,
    run: (job, context) => prefill(job, context, options, turnstile),
    engineFailed: options.engine.failed ?? neverFails,
    closeEngine: () => options.engine.close(),
  };
};

const prefill = async (
  job: PrefillJob,
  context: JobContext<PrefillEventInput>,
  options: PrefillStageOptions,
  turnstile: Turnstile,
): Promise<void> => {
  const { signal, laneWaitMs } = context;
  const pullStartMs = performance.now();
  const [prompt, ...embeddings] = await pullAll(job, context, options.payloadBytesMax);
  const pullMs = performance.now() - pullStartMs;
  const { tokenIds, sampling } = readPrompt(prompt);
  const queueStartMs = performance.now();
  const { output, queueMs, engineMs } = await turnstile.pass(signal, async () => {
    const startMs = performance.now();
    const input = { tokenIds, embeddings, sampling, tokenIndex: job.generatedTokens };
    const made = await options.engine.prefill(input, signal);
    const endMs = performance.now();
    return { output: made, queueMs: startMs - queueStartMs, engineMs: endMs - startMs };
  });
  const kept = { tensors: [...output.kvCache, ...historyTensors(output)], attributes: {} };
  signal.throwIfAborted();
  const kvCache = output.endOfText
    ? null
    : keepForPeers(context, job, kept, { tokens: job.promptTokens });
  const { jobId, requestId } = job;
  const timing = { laneWaitMs, pullMs, queueMs, engineMs, batch: 1 };
  const { token, endOfText } = output;
  const logprobs =
    output.logprobs === undefined ? null : { ...output.logprobs, top: [...output.logprobs.top] };
  context.emit({
    prefilled: { jobId, requestId, token, endOfText, kvCache, timing, logprobs },
  });
};

const pullAll = async (
  job: PrefillJob,
  context: JobContext<PrefillEventInput>,
  bytesMax: number,
): Promise<[Payload, ...Embedding[]]> => {
  const { deadlineMs } = job;
  if (job.prompt === null) throw new Fault('internal', 'A prefill job came without a prompt.');
  const options = { deadlineMs, bytesMax, signal: context.signal };
  return Promise.all([
    pull(context.peers, job.prompt, options),
    ...job.embeddings.map((handle) => pullEmbedding(handle, context, options)),
  ]);
};

/** An embedding that cannot be had is named by its lease, so that the router makes it again. */
const pullEmbedding = async (
  handle: Handle,
  context: JobContext<PrefillEventInput>,
  options: Parameters<typeof pull>[2],
): Promise<Embedding> => {
  try {
    const { tensors } = await pull(context.peers, handle, options);
    if (tensors.length === 0) throw new Fault('internal', 'An embedding came without a tensor.');
    return tensors;
  } catch (error) {
    const fault = Fault.from(error);
    if (fault.code !== 'unavailable' && fault.code !== 'not_found') throw fault;
    throw new Fault('not_found', `The embedding at ${handle.ownerId} is gone: ${fault.message}`, {
      param: handle.leaseId,
      cause: fault,
    });
  }
};

/** Prompt payload: one int32 tensor of token ids; the attribute `sampling` is JSON. */
const readPrompt = (payload: Payload): { tokenIds: Int32Array; sampling: Sampling } => {
  const tokenIds = payload.tensors[0]?.data;
  if (!(tokenIds instanceof Int32Array))
    throw new Fault('internal', 'A prompt came without tokens.');
  return { tokenIds, sampling: JSON.parse(payload.attributes['sampling'] ?? '{}') as Sampling };
};

/** The tokens so far travel behind the KV cache, where choosing the next ones depends on them. */
const historyTensors = ({ history }: PrefillOutput): readonly Tensor[] =>
  history === undefined
    ? []
    : [{ name: 'token_ids', dataType: 'int32', shape: [history.length], data: history }];
