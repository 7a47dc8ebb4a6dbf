import { type EncodeEngine, type Medium, modalities, type Supervised } from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type { EncodeJob, EncoderEventInput } from '@isotherm/proto';
import { type Payload, protos, pull } from '@isotherm/rpc';
import { type JobContext, keepForPeers, neverFails, type StageDefinition } from '@isotherm/stage';
import { createEncodeBatcher, type EncodeBatcher } from './encode-batcher.ts';

export interface EncodeStageOptions {
  readonly engine: EncodeEngine & Partial<Supervised>;
  readonly model: string;
  readonly contextMax: number;
  readonly payloadBytesMax: number;
}

/** The encode stage: pulls a medium from the router, encodes it, keeps the embedding for prefill instances. */
export const encodeStage = (
  options: EncodeStageOptions,
): StageDefinition<EncodeJob, EncoderEventInput> => {
  const batcher = createEncodeBatcher(options.engine);
  return {
    stage: 'encode',
    service: protos.isotherm.encoder.v1.EncoderService.service,
    model: options.model,
    capacity: options.engine.batchMax,
    contextMax: options.contextMax,
    tokensOf: (job) => job.tokens,
    run: (job, context) => encode(job, context, batcher, options.payloadBytesMax),
    engineFailed: options.engine.failed ?? neverFails,
    closeEngine: () => options.engine.close(),
  };
};

const encode = async (
  job: EncodeJob,
  context: JobContext<EncoderEventInput>,
  batcher: EncodeBatcher,
  bytesMax: number,
): Promise<void> => {
  const { signal, laneWaitMs } = context;
  const { media, deadlineMs } = job;
  if (media === null) throw new Fault('internal', 'An encode job came without a medium.');
  const pullStartMs = performance.now();
  const payload = await pull(context.peers, media, { deadlineMs, signal, bytesMax });
  const pullMs = performance.now() - pullStartMs;
  const medium = mediumOf(job, payload);
  const { embedding, queueMs, engineMs, batch } = await batcher
    .encode(medium, signal)
    .catch((error: unknown) => {
      throw atParam(error, job.param);
    });
  const kept = { tensors: embedding, attributes: {} };
  const handle = keepForPeers(context, job, kept, job.tokens);
  const timing = { laneWaitMs, pullMs, queueMs, engineMs, batch };
  const { jobId, requestId } = job;
  context.emit({ encoded: { jobId, requestId, embedding: handle, timing } });
};

/** A file is one tensor of bytes; a clip that was given as frames has one for each. */
const mediumOf = (
  { modality: name, tokens }: EncodeJob,
  { tensors, attributes }: Payload,
): Medium => {
  const modality = modalities.find((known) => known === name);
  if (modality === undefined) throw new Fault('internal', `There is no modality "${name}".`);
  const files = tensors.map(({ data }) => {
    if (data instanceof Uint8Array) return data;
    throw new Fault('internal', 'A medium came without bytes.');
  });
  if (attributes['kind'] === 'frames') {
    return { kind: 'frames', modality: 'video', frames: files, tokens };
  }
  const [bytes] = files;
  if (bytes === undefined) throw new Fault('internal', 'A medium came without bytes.');
  return { kind: 'file', modality, bytes, tokens };
};

/** A bad medium is the client's fault at one field of the request: say which. */
const atParam = (thrown: unknown, param: string): Fault => {
  const fault = Fault.from(thrown);
  return new Fault(fault.code, fault.message, { param, cause: fault });
};
