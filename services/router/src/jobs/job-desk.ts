import { randomUUID } from 'node:crypto';
import {
  Fault,
  faultTable,
  instanceId as asInstanceId,
  type InstanceId,
  jobId as asJobId,
  type Intake,
  type JobId,
  type Stage,
} from '@isotherm/kernel';
import type { AddOutcome, Fabric } from '@isotherm/lanes';
import { blamesInstance, type RouteRequest } from '@isotherm/policy';
import type { CancelRequestInput, Handle } from '@isotherm/proto';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { StageEvent } from '../fleet/stage-event.ts';
import type { NoteFacts } from '../record/note.ts';
import type { DecisionRecord, RecordBook } from '../record/record-book.ts';
import type { Backoff } from './backoff.ts';
import { contestant, firstOfTwo, otherWasFaster } from './first-of-two.ts';
import type { HedgeLedger } from './hedge-ledger.ts';
import type { JobsAhead, LeasedPayload } from './jobs-ahead.ts';
import { careForJob } from './lane-care.ts';
import { createLaneSenders, type LaneSenders } from './lane-senders.ts';
import type { OpenJobs } from './open-jobs.ts';
import { type Placed, placeNow, type PlaceOptions, placeWork } from './place-work.ts';
import { untilQueueReachable } from './reachable-queue.ts';

/** One piece of stage work to be done by some instance. */
export interface StageWork<Result> {
  readonly stage: Stage;
  readonly requestId: string;
  readonly model: string;
  /** What it comes as; absent: tensors. */
  readonly takes?: Intake;
  /** Tokens that it adds to an instance's load. */
  readonly tokens: number;
  /** Context that it needs in tokens. */
  readonly contextTokens: number;
  /** Unix time in milliseconds: no attempt begins after it. */
  readonly deadlineMs: number;
  /** What a cache could hold of it, in order; empty for what cannot be cached. */
  readonly cacheKeys?: readonly string[];
  /** Payloads that it reads, and which instances hold them; absent: none whose tokens matter. */
  readonly inputs?: readonly Pick<Handle, 'ownerId' | 'tokens'>[];
  /** Payloads of this router that it names, to go with a copy that goes ahead of the lane; absent: none. */
  readonly payloads?: readonly LeasedPayload[];
  /** The stage in whose process it is best done; absent: in a process of its own. */
  readonly beside?: Stage;
  /** Whether a second instance may be given the same work when the first one is late; absent: not. */
  readonly hedged?: boolean;
  /** Most attempts; a later one goes to another instance. */
  readonly attemptsMax: number;
  /** Told of each instance that the work goes to. */
  placed?(instance: InstanceId): void;
  /** Called with each attempt; its result is called with whether that succeeded. */
  attempted?(instance: InstanceId): (done: boolean) => void;
  /** The lane's command; each attempt has a job id of its own. */
  command(jobId: JobId): object;
  /** Sees every event of the job; returns the result with the last one. */
  hear(event: StageEvent): Result | undefined;
  /** Whether something has come of it that no other attempt could go on from; absent: never. */
  begun?(): boolean;
}

/** A result, and who made it. */
export interface WorkDone<Result> {
  readonly result: Result;
  readonly instance: InstanceId;
  readonly totalMs: number;
}

/** Places stage work on instances and follows it to its end. */
export interface JobDesk {
  /**
   * Selects, books, sends, waits; tries elsewhere what another instance could still do. Faults: those of the stage,
   * `unavailable` when no instance is left, and the signal's own reason.
   */
  run<Result>(work: StageWork<Result>, signal: AbortSignal): Promise<WorkDone<Result>>;
  close(): Promise<void>;
}

export interface JobDeskOptions extends PlaceOptions {
  readonly fabric: Fabric;
  readonly peers: Peers;
  readonly openJobs: OpenJobs;
  readonly ahead: JobsAhead;
  readonly records: RecordBook;
  readonly backoff: Backoff;
  readonly hedges: HedgeLedger;
  readonly logger: Logger;
}

export const createJobDesk = (options: JobDeskOptions): JobDesk => {
  const senders = createLaneSenders(options.fabric.lanes, options.fleet);
  return {
    run: async (work, signal) => {
      const startMs = performance.now();
      const excluded = new Set<InstanceId>();
      const record = options.records.of(work.requestId);
      const { attemptsMax, deadlineMs, stage } = work;
      for (let attempts = 1; ; attempts++) {
        await untilQueueReachable(options.fabric.lanes, options.instanceWaitMs, signal);
        const turn = { attempts, excluded, record };
        const outcomes = await tryOnce(work, turn, { options, senders }, signal);
        const [outcome] = outcomes;
        const { instance } = outcome;
        if (outcome.kind === 'done') {
          return { result: outcome.result, instance, totalMs: performance.now() - startMs };
        }
        const { fault } = outcome;
        const final = signal.aborted || work.begun?.() === true;
        if (final || !mayWorkElsewhere(fault)) throw fault;
        await options.backoff({ attempts, attemptsMax, deadlineMs, record, fault }, signal);
        options.logger.info({ code: fault.code, instance, stage, attempts }, 'trying elsewhere');
        for (const failed of outcomes) excluded.add(failed.instance);
      }
    },
    close: async () => {
      options.openJobs.failAll(new Fault('unavailable', 'The router is shutting down.'));
      options.ahead.close();
      await senders.close();
    },
  };
};

/** An attempt among those at one piece of work. */
interface Turn {
  readonly attempts: number;
  /** Instances that failed at it. */
  readonly excluded: ReadonlySet<InstanceId>;
  readonly record: DecisionRecord;
}

type Outcome<Result> = { readonly instance: InstanceId } & (
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly fault: Fault }
);

/** What every attempt needs beside its work. */
interface Means {
  readonly options: JobDeskOptions;
  readonly senders: LaneSenders;
}

/**
 * One attempt, or two at the same time where the work may be hedged and its instance is late: then the outcome that settles
 * it, or both. Faults: those of placing.
 */
const tryOnce = async <Result>(
  work: StageWork<Result>,
  turn: Turn,
  means: Means,
  signal: AbortSignal,
): Promise<readonly [Outcome<Result>, ...Outcome<Result>[]]> => {
  const { hedges } = means.options;
  if (work.hedged !== true) {
    const placed = await placeFirst(work, turn, means.options, signal);
    return [await doAt(work, placed, turn, means, signal)];
  }
  const afterMs = hedges.begin();
  const placed = await placeFirst(work, turn, means.options, signal);
  const startMs = performance.now();
  const first = contestant(signal, (own) => doAt(work, placed, turn, means, own));
  const beginSecond = (): typeof first | undefined => {
    const second = placeSecond(work, turn, means.options, placed.instance, signal);
    return second && contestant(signal, (own) => doAt(work, second, turn, means, own));
  };
  const outcomes = await (afterMs === undefined
    ? first.outcome.then((outcome) => [outcome] as const)
    : firstOfTwo(first, afterMs, settles, beginSecond));
  const [{ kind, instance }] = outcomes;
  if (kind === 'done') hedges.ended(performance.now() - startMs);
  if (kind === 'done' && instance !== placed.instance) hedges.won();
  return outcomes;
};

/** Whether no other instance could do better. */
const settles = (outcome: Outcome<unknown>): boolean =>
  outcome.kind === 'done' || !mayWorkElsewhere(outcome.fault);

const requestOf = (
  work: StageWork<unknown>,
  excluded: ReadonlySet<InstanceId>,
  { fleet }: JobDeskOptions,
): RouteRequest => {
  const inputTokens = tokensByProcess(work.inputs ?? [], fleet);
  return { cacheKeys: [], ...work, excluded, inputTokens };
};

const placeFirst = (
  work: StageWork<unknown>,
  { attempts, excluded, record }: Turn,
  options: JobDeskOptions,
  signal: AbortSignal,
): Promise<Placed> => {
  const { stage, tokens } = work;
  const request = requestOf(work, excluded, options);
  return placeWork(request, options, signal, (decision, waitedMs) => {
    const picked = decision.kind === 'selected' ? decision.instance.id : undefined;
    record.place({ stage, picked, trace: decision.trace }, { attempt: attempts, tokens, waitedMs });
  });
};

/** A place for the same work beside the first one, where the share of hedges and the fleet allow it. */
const placeSecond = (
  work: StageWork<unknown>,
  { attempts, excluded, record }: Turn,
  options: JobDeskOptions,
  late: InstanceId,
  signal: AbortSignal,
): Placed | undefined => {
  const { stage, tokens } = work;
  if (signal.aborted || !options.hedges.may()) return undefined;
  const request = requestOf(work, new Set([...excluded, late]), options);
  return placeNow(request, options, ({ instance, trace }) => {
    options.hedges.hedged();
    record.note('hedged', { stage, late, instance: instance.id });
    const facts = { attempt: attempts, tokens, waitedMs: 0 };
    record.place({ stage, picked: instance.id, trace }, facts);
  });
};

/** Does work where it was placed: its booking is released when this returns, however it ended. */
const doAt = async <Result>(
  work: StageWork<Result>,
  placed: Placed,
  { attempts, record }: Turn,
  { options, senders }: Means,
  signal: AbortSignal,
): Promise<Outcome<Result>> => {
  const { stage } = work;
  const { instance, booking } = placed;
  let ended: ((done: boolean) => void) | undefined;
  try {
    work.placed?.(instance);
    ended = work.attempted?.(instance);
    const result = await attempt(work, placed, options, senders, signal);
    ended?.(true);
    return { kind: 'done', instance, result };
  } catch (error) {
    ended?.(false);
    const fault = Fault.from(error);
    if (fault === otherWasFaster) record.note('hedge_ended', { stage, withdrawn: instance });
    else record.note('attempt_failed', failureOf(fault, stage, instance, attempts));
    return { kind: 'failed', instance, fault };
  } finally {
    booking.release();
  }
};

/** Tokens of payloads by the process that holds them, as far as their owners are known. */
const tokensByProcess = (
  inputs: NonNullable<StageWork<unknown>['inputs']>,
  fleet: JobDeskOptions['fleet'],
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { ownerId, tokens } of inputs) {
    const process = fleet.record(asInstanceId(ownerId))?.processId;
    if (process !== undefined) sums.set(process, (sums.get(process) ?? 0) + tokens);
  }
  return sums;
};

/** What a record says of a failed attempt: of the system's own faults also the words, which hold nothing of the client's. */
const failureOf = (
  fault: Fault,
  stage: Stage,
  instance: InstanceId,
  attempt: number,
): NoteFacts => ({
  ...{ stage, instance, attempt, code: fault.code },
  ...(faultTable[fault.code].retryable && { message: fault.message }),
});

/** `not_found` names a payload that another stage must make again: no other instance would find it. */
const mayWorkElsewhere = ({ code }: Fault): boolean =>
  faultTable[code].retryable && code !== 'not_found';

/** One attempt at one instance; aborting takes the job back. */
const attempt = async <Result>(
  work: StageWork<Result>,
  { instance, booking }: Placed,
  options: JobDeskOptions,
  senders: LaneSenders,
  signal: AbortSignal,
): Promise<Result> => {
  const id = asJobId(randomUUID());
  const sender = senders.to(work.stage, instance);
  const care = careForJob(() => sender.holds(id));
  /** Whether a copy went ahead: then the job may have begun, whether or not the lane has it. */
  let wentAhead = false;
  let abandon: () => void = () => undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      signal.throwIfAborted();
      abandon = () => {
        reject(signal.reason as Error);
        // A request that goes on may have other jobs there.
        const named =
          signal.reason === otherWasFaster ? { jobIds: [id] } : { requestIds: [work.requestId] };
        const remove = async (): Promise<boolean> => (await sender.remove(id)) && !wentAhead;
        void takeBack(remove, named, instance, options);
      };
      signal.addEventListener('abort', abandon, { once: true });
      options.openJobs.add(id, {
        instance,
        fail: (fault) => {
          if (blamesInstance(fault.code) && booking.failed()) {
            options.records.of(work.requestId).note('breaker_changed', { instance, state: 'open' });
            options.logger.warn({ instance, code: fault.code }, 'circuit breaker opened');
          }
          reject(fault);
        },
        hear: (event) => {
          care.heard();
          if (event.kind !== 'accepted') booking.progressed();
          try {
            const result = work.hear(event);
            if (result !== undefined) resolve(result);
          } catch (error) {
            // It is this work that cannot be understood: the stream that carries all others goes on.
            reject(Fault.from(error));
          }
        },
      });
      const refuse = (reason: unknown): void => {
        reject(reason);
        if (wentAhead) void cancelAt(instance, { jobIds: [id] }, options);
      };
      const body = work.command(id);
      wentAhead = sendAhead(id, body, work, instance, options);
      sender.add({ id, body }).then((outcome) => {
        if (outcome.kind !== 'added') return refuse(notAdded(outcome, instance));
        care.begin(reject);
      }, refuse);
    });
  } catch (error) {
    // A lane outlives its instance's event stream: what still waits there would be done for nobody.
    if (!signal.aborted) void sender.remove(id).catch(() => false);
    throw error;
  } finally {
    care.heard();
    signal.removeEventListener('abort', abandon);
    options.openJobs.remove(id);
  }
};

/**
 * Most bookings of this router at an instance, that of the job included, with which a copy still goes there: where more is under
 * way, jobs share messages on the way through the lane, and a copy would cost more than it saves.
 */
const aheadBookingsMax = 4;

const sendAhead = (
  id: JobId,
  body: object,
  { payloads = [] }: StageWork<unknown>,
  instance: InstanceId,
  { fleet, ahead }: JobDeskOptions,
): boolean => {
  const record = fleet.record(instance);
  if (fleet.bookingsOf(instance) > aheadBookingsMax) return false;
  return record !== undefined && ahead.send(record, { id, body, payloads });
};

const notAdded = (outcome: AddOutcome, instance: InstanceId): Fault => {
  const reason = outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
  return new Fault('saturated', `The lane of ${instance} takes no more work: ${reason}.`);
};

/** Takes a job back that may be in the lane, in the engine, or done with a lease held. */
const takeBack = async (
  remove: () => Promise<boolean>,
  named: CancelRequestInput,
  instance: InstanceId,
  options: JobDeskOptions,
): Promise<void> => {
  const removed = await remove().catch(() => false);
  if (!removed) await cancelAt(instance, named, options);
};

const cancelAt = async (
  instance: InstanceId,
  named: CancelRequestInput,
  { fleet, peers, logger }: JobDeskOptions,
): Promise<void> => {
  const address = fleet.record(instance)?.address;
  if (address === undefined) return;
  await callUnary<unknown>((callback) =>
    peers.stage(address).cancel(named, { deadline: Date.now() + cancelTimeoutMs }, callback),
  ).catch((error: unknown) => logger.info({ err: error, instance }, 'cancel did not arrive'));
};

const cancelTimeoutMs = 2000;
