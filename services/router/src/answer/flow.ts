import type { PrefixPrompt } from '@isotherm/engine/text';
import { Fault, type RequestId, type Stage } from '@isotherm/kernel';
import { type ColocateSettings, stageTokens } from '@isotherm/policy';
import type { Handle, Timing } from '@isotherm/proto';
import { leaseExpiresMs, type LeaseStore, type Payload, payloadBytes } from '@isotherm/rpc';
import type { MakePrompt } from '../aside/aside.ts';
import type { HeldEmbeddings } from '../jobs/held-embeddings.ts';
import type { Backoff } from '../jobs/backoff.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { LeasedPayload } from '../jobs/jobs-ahead.ts';
import type { Releaser } from '../jobs/releaser.ts';
import type { RecordBook } from '../record/record-book.ts';
import type { AdmittedMedium, AdmittedRequest } from './admitted-request.ts';

/** What the path of every request goes through. */
export interface AnswerOptions {
  /** What is decided about each request. */
  readonly records: RecordBook;
  readonly desk: JobDesk;
  /** Waits before work is tried again. */
  readonly backoff: Backoff;
  readonly embeddings: HeldEmbeddings;
  /** What the caches of prefill instances could hold of a prompt: the keys of its blocks, in order. */
  prefixKeys(model: string, prompt: PrefixPrompt): Promise<readonly string[]>;
  readonly makePrompt: MakePrompt;
  readonly store: LeaseStore;
  readonly releaser: Releaser;
  readonly routerId: string;
  readonly attemptsMax: number;
  /** Which media are best encoded beside their prompt. */
  readonly colocate: ColocateSettings;
  /** How often a request may make room for others at decode instances. */
  readonly preemptionsMax: number;
  /** Own address, for handles. */
  address(): string;
  /** Told when the media of the request are encoded. */
  readonly encoded?: () => void;
  /** Told when a stage has what it needs of the request. */
  readonly handedOver?: () => void;
}

/** Time of one job of one stage, as the router and the instance saw it. */
export interface StageTime {
  readonly stage: Stage;
  readonly instance: string;
  readonly totalMs: number;
  readonly tokens: number;
  readonly timing: Timing | null;
}

/** One request on its way: what it is, and what has gathered so far. */
export interface Flow extends AnswerOptions {
  readonly request: AdmittedRequest;
  /** Jobs done, in the order in which they ended. */
  readonly stages: StageTime[];
  /** Tokens generated so far. */
  readonly generated: number[];
  /** Embeddings kept at encoders until the request ends: a migration needs them again. */
  readonly held: Handle[];
  /** How often its decoding was broken off and went on elsewhere. */
  readonly moves: { lost: number; preempted: number };
}

export const createFlow = (request: AdmittedRequest, options: AnswerOptions): Flow => ({
  ...options,
  request,
  stages: [],
  generated: [],
  held: [],
  moves: { lost: 0, preempted: 0 },
});

/** Who asks, of every kind of request. */
export interface Asking extends Pick<
  AnswerOptions,
  'routerId' | 'store' | 'address' | 'handedOver'
> {
  readonly request: {
    readonly id: RequestId;
    readonly model: string;
    readonly deadlineMs: number;
  };
}

/** Fields that the commands of all stages share. */
export const envelope = (
  { request, routerId }: Asking,
  jobId: string,
): { [Key in 'jobId' | 'requestId' | 'routerId' | 'model']: string } & {
  [Key in 'deadlineMs' | 'enqueuedMs']: number;
} => ({
  jobId,
  requestId: request.id,
  routerId,
  model: request.model,
  deadlineMs: request.deadlineMs,
  enqueuedMs: Date.now(),
});

/** Fields that the work of all stages shares. */
export const workBase = ({ request, attemptsMax }: Flow) => ({
  requestId: request.id,
  model: request.model,
  contextTokens: request.tokenIds.length + request.tokensMax,
  deadlineMs: request.deadlineMs,
  attemptsMax,
});

/** Waits until work of a request may be tried again; throws the fault that it failed with where it may not. */
export const waitToRetry = (
  {
    request,
    records,
    backoff,
    attemptsMax,
  }: Pick<AnswerOptions, 'records' | 'backoff' | 'attemptsMax'> & Pick<Asking, 'request'>,
  attempts: number,
  fault: Fault,
  signal: AbortSignal,
): Promise<void> => {
  const { id, deadlineMs } = request;
  const failed = { attempts, attemptsMax, deadlineMs, record: records.of(id), fault };
  return backoff(failed, signal);
};

/** Tokens that a stage's work adds to its instance's load; `media` are those that it encodes or reads. */
export const loadOf = (
  { request, generated }: Flow,
  stage: Stage,
  media: readonly AdmittedMedium[] = request.media,
): number =>
  stageTokens(stage, request.architecture, {
    text: request.textTokens,
    media: media.reduce((sum, { tokens }) => sum + tokens, 0),
    generated: generated.length,
    answerMax: request.tokensMax,
  });

/** Keeps a payload at the router for the stages to pull, until `release` or the end of the request. */
export const keep = (
  flow: Asking,
  payload: Payload,
  digest = '',
): { readonly handle: Handle; readonly leased: LeasedPayload; release(): void } => {
  const { id: request, deadlineMs } = flow.request;
  const leaseId = flow.store.put(payload, {
    request,
    expiresMs: leaseExpiresMs(deadlineMs),
    pulled: flow.handedOver,
  });
  return {
    handle: {
      leaseId,
      address: flow.address(),
      ownerId: flow.routerId,
      bytes: payloadBytes(payload),
      digest,
      tokens: 0,
    },
    leased: { leaseId, payload, sent: flow.handedOver },
    release: () => void flow.store.release([leaseId]),
  };
};

/**
 * What a client is told when payloads kept vanishing until the attempts were used up: to try again. `not_found` is
 * between services only; to a client it would say that there is no such model.
 */
export const asClientFault = (fault: Fault): Fault =>
  fault.code === 'not_found'
    ? new Fault('unavailable', 'The stages could not reach each other for this request.', {
        cause: fault,
      })
    : fault;
