import type {
  DecodedToken,
  DecodeEngine,
  DecodeStart,
  Grammar,
  Pace,
  Supervised,
  TokenLogprobs,
} from '@isotherm/engine';
import { Fault } from '@isotherm/kernel';
import type {
  DecodeEventInput,
  DecodeJob,
  FinishInput,
  StepTokenInput,
  TokenLogprobsInput,
} from '@isotherm/proto';
import { type Payload, protos, pull } from '@isotherm/rpc';
import {
  type JobContext,
  levers,
  type Loadable,
  neverFails,
  type StageDefinition,
} from '@isotherm/stage';
import { createRunningBatch, type RunningBatch } from './running-batch.ts';
import type { BatchToken } from './step-tokens.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.ts';

export interface DecodeStageOptions {
  readonly engine: DecodeEngine & Partial<Supervised> & { readonly pace?: Pace };
  /** What its engine can load. */
  readonly loadable?: readonly Loadable[];
  readonly model: string;
  readonly payloadBytesMax: number;
  /** Most bytes of KV caches that wait for a slot; 0 is as many as the batch may take. */
  readonly kvWaitingBytesMax?: number;
}

/** What the running batch needs to know of a sequence to report its tokens. */
interface Owner {
  readonly job: DecodeJob;
  readonly context: JobContext<DecodeEventInput>;
  readonly pullMs: number;
}

/** The decode stage: pulls a KV cache, joins the running batch, streams tokens to the request's router. */
export const decodeStage = (
  options: DecodeStageOptions,
): StageDefinition<DecodeJob, DecodeEventInput> => {
  const batch = createRunningBatch<Owner>(options.engine, reportStep);
  const { kv } = options.engine;
  const room = createWaitingRoom(options.kvWaitingBytesMax || kv.bytesMax);
  return {
    stage: 'decode',
    service: protos.isotherm.decode.v1.DecodeService.service,
    model: options.model,
    get capacity() {
      return options.engine.slots;
    },
    contextMax: options.engine.contextMax,
    tokensOf: (job) => (job.kvCache?.tokens ?? 0) + job.tokensMax,
    load: () => ({
      waiting: room.heldBack + batch.waiting,
      kvBytes: batch.kvBytes,
      kvBytesMax: kv.bytesMax,
      kvWaitingBytes: room.bytes,
      kvWaitingBytesMax: room.bytesMax,
      preemptions: batch.preemptions,
    }),
    run: (job, context) => decode(job, context, { batch, room, options }),
    ...levers(options.engine, options.loadable),
    engineFailed: options.engine.failed ?? neverFails,
    closeEngine: () => options.engine.close(),
  };
};

interface Decoding {
  readonly batch: RunningBatch<Owner>;
  readonly room: WaitingRoom;
  readonly options: DecodeStageOptions;
}

const decode = async (
  job: DecodeJob,
  context: JobContext<DecodeEventInput>,
  decoding: Decoding,
): Promise<void> => {
  const left = await decoding.room.enter(job.kvCache?.bytes ?? 0, context.signal);
  try {
    const { ended } = await begin(job, context, decoding, left);
    await ended;
  } finally {
    left();
  }
};

/** Pulls and queues the sequence. A function of its own, so that the KV cache does not live as long as the job. */
const begin = async (
  job: DecodeJob,
  context: JobContext<DecodeEventInput>,
  { batch, options }: Decoding,
  joined: () => void,
): Promise<{ readonly ended: Promise<void> }> => {
  const { signal } = context;
  const { kvCache, sampling, deadlineMs, token, tokenIndex, tokensMax, preemptions } = job;
  if (kvCache === null || sampling === null) {
    throw new Fault('internal', 'A decode job came without a KV cache or sampling.');
  }
  // No more than there is room for.
  const bytesMax = Math.min(options.payloadBytesMax, kvCache.bytes);
  const pullStartMs = performance.now();
  const payload = await pull(context.peers, kvCache, {
    deadlineMs,
    signal,
    bytesMax,
    releaseAfter: true,
  });
  const pullMs = performance.now() - pullStartMs;
  const parts = sequenceOf(payload);
  // What came from another process nobody else has. A neighbour's payload may be under other leases, or be made of
  // tensors that are in a cache as well.
  const kvCacheGiven = context.peers.neighbours.at(kvCache.address) === undefined;
  const start = { ...parts, kvCacheGiven, token, tokenIndex, tokensMax, sampling };
  const owner = { job, context, pullMs };
  return { ended: batch.run(job.jobId, { owner, start, preemptions, joined }, signal) };
};

/**
 * A payload of prefill: the tensors of the KV cache, the tokens so far where choosing further ones depends on them, and
 * the grammar of the answer if it has one.
 */
const sequenceOf = ({
  tensors,
  attributes,
}: Payload): Pick<DecodeStart, 'kvCache' | 'history' | 'grammar'> => {
  const { grammar } = attributes;
  const history = tensors.find((tensor) => tensor.name === 'token_ids')?.data;
  return {
    kvCache: tensors.filter((tensor) => tensor.name !== 'token_ids'),
    history: history instanceof Int32Array ? history : undefined,
    grammar: grammar === undefined ? undefined : (JSON.parse(grammar) as Grammar),
  };
};

/** All tokens of one step that go to the same router travel together. */
const reportStep = (tokens: readonly BatchToken<Owner>[], batch: number): void => {
  const byRouter = new Map<string, BatchToken<Owner>[]>();
  for (const token of tokens) {
    const { routerId } = token.owner.job;
    const group = byRouter.get(routerId);
    if (group === undefined) byRouter.set(routerId, [token]);
    else group.push(token);
  }
  for (const group of byRouter.values()) {
    group[0]?.owner.context.emit({ step: { tokens: group.map(stepToken), batch } });
  }
};

const stepToken = (token: BatchToken<Owner>): StepTokenInput => {
  const { job, context, pullMs } = token.owner;
  return {
    jobId: job.jobId,
    token: token.token,
    tokenIndex: token.tokenIndex,
    finish: finishOf(token.finish),
    logprobs: token.logprobs === undefined ? null : logprobsOf(token.logprobs),
    timing:
      token.timing === undefined
        ? null
        : { laneWaitMs: context.laneWaitMs, pullMs, ...token.timing },
  };
};

const logprobsOf = ({ logprob, top }: TokenLogprobs): TokenLogprobsInput => ({
  logprob,
  top: [...top],
});

const finishOf = (finish: DecodedToken['finish']): FinishInput => {
  switch (finish) {
    case undefined:
      return 'FINISH_UNSPECIFIED';
    case 'endOfText':
      return 'FINISH_END_OF_TEXT';
    case 'length':
      return 'FINISH_LENGTH';
    default:
      return finish satisfies never;
  }
};
