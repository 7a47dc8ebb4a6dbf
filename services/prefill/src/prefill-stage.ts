import type { PrefillEngine, Pace, PrefillOutput, Supervised, Tensor } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { PrefillEventInput, PrefillJob } from '@isotherm/proto';
import { type Payload, protos } from '@isotherm/rpc';
import {
  type JobContext,
  keepForPeers,
  levers,
  type Loadable,
  neverFails,
  type StageDefinition,
} from '@isotherm/stage';
import { createInputPuller } from './pull-input.ts';

export interface PrefillStageOptions {
  readonly engine: PrefillEngine & Partial<Supervised> & { readonly pace?: Pace };
  /** What its engine can load. */
  readonly loadable?: readonly Loadable[];
  readonly model: string;
  readonly contextMax: number;
  readonly payloadBytesMax: number;
}

/** The prefill stage: pulls prompt and embeddings, runs the prompt, keeps the KV cache for a decode instance. */
export const prefillStage = (
  options: PrefillStageOptions,
): StageDefinition<PrefillJob, PrefillEventInput> => {
  return {
    stage: 'prefill',
    service: protos.isotherm.prefill.v1.PrefillService.service,
    model: options.model,
    capacity: 1,
    contextMax: options.contextMax,
    tokensOf: (job) => job.promptTokens,
    run: (job, context) => prefill(job, context, options),
    ...levers(options.engine, options.loadable),
    engineFailed: options.engine.failed ?? neverFails,
    closeEngine: () => options.engine.close(),
    ...(options.engine.prefixes !== undefined && { cache: options.engine.prefixes }),
  };
};

const prefill = async (
  job: PrefillJob,
  context: JobContext<PrefillEventInput>,
  options: PrefillStageOptions,
): Promise<void> => {
  const { signal, laneWaitMs } = context;
  const pullStartMs = performance.now();
  const puller = createInputPuller(job, context, options);
  const input = await puller.input();
  const pullMs = performance.now() - pullStartMs;
  const startMs = performance.now();
  const output = await options.engine.prefill(input, signal).catch(async (error: unknown) => {
    if (Fault.from(error).code !== 'not_found') throw error;
    // What the cache was said to hold it has dropped since.
    return options.engine.prefill(await puller.wholeInput(), signal);
  });
  const { waitedMs: queueMs } = output;
  const engineMs = performance.now() - startMs - queueMs;
  const { grammar } = input;
  const attributes: Payload['attributes'] =
    grammar === undefined ? {} : { grammar: JSON.stringify(grammar) };
  const kept = { tensors: [...output.kvCache, ...historyTensors(output)], attributes };
  signal.throwIfAborted();
  const kvCache = output.endOfText
    ? null
    : keepForPeers(context, job, kept, { tokens: job.promptTokens });
  const { jobId, requestId } = job;
  const { cachedTokens = 0 } = output;
  const timing = { laneWaitMs, pullMs, queueMs, engineMs, batch: 1, cachedTokens };
  const { token, endOfText } = output;
  const logprobs =
    output.logprobs === undefined ? null : { ...output.logprobs, top: [...output.logprobs.top] };
  context.emit({
    prefilled: { jobId, requestId, token, endOfText, kvCache, timing, logprobs },
  });
};

/** The tokens so far travel behind the KV cache, where choosing the next ones depends on them. */
const historyTensors = ({ history }: PrefillOutput): readonly Tensor[] =>
  history === undefined
    ? []
    : [{ name: 'token_ids', dataType: 'int32', shape: [history.length], data: history }];
