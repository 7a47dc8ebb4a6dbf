import { randomUUID } from 'node:crypto';
import {
  Fault,
  faultTable,
  type InstanceId,
  jobId as asJobId,
  type JobId,
  type Random,
  type Stage,
} from '@isotherm/kernel';
import { type Fabric, type LaneSender, laneName } from '@isotherm/lanes';
import { type RoutePolicy, type RouteTrace, selectInstance } from '@isotherm/policy';
import { callUnary, type Peers } from '@isotherm/rpc';
import type { Logger } from '@isotherm/runtime';
import type { Booking, Fleet } from '../fleet/fleet.ts';
import type { StageEvent } from '../fleet/stage-event.ts';
import type { OpenJobs } from './open-jobs.ts';

/** One piece of stage work to be done by some instance. */
export interface StageWork<Result> {
  readonly stage: Stage;
  readonly requestId: string;
  readonly model: string;
  /** Tokens that it adds to an instance's load. */
  readonly tokens: number;
  /** Context that it needs in tokens. */
  readonly contextTokens: number;
  /** Most attempts; a later one goes to another instance. */
  readonly attemptsMax: number;
  /** The lane's command; each attempt has a job id of its own. */
  command(jobId: JobId): object;
  /** Sees every event of the job; returns the result with the last one. */
  hear(event: StageEvent): Result | undefined;
}

/** A result, and who made it. */
export interface WorkDone<Result> {
  readonly result: Result;
  readonly instance: InstanceId;
  readonly address: string;
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

export interface JobDeskOptions {
  readonly fabric: Fabric;
  readonly peers: Peers;
  readonly policy: RoutePolicy;
  readonly random: Random;
  readonly instanceWaitMs: number;
  readonly logger: Logger;
  readonly fleet: Fleet;
  readonly openJobs: OpenJobs;
}

export const createJobDesk = (options: JobDeskOptions): JobDesk => {
  const { fabric, peers, logger, fleet, openJobs } = options;
  const senders = new Map<InstanceId, LaneSender<object>>();

  const senderTo = (stage: Stage, instance: InstanceId): LaneSender<object> => {
    for (const [id, sender] of senders) {
      // Instances that have left will not be sent to again: their ids are never reused.
      if (fleet.record(id) !== undefined) continue;
      senders.delete(id);
      void sender.close().catch(() => undefined);
    }
    const sender = senders.get(instance) ?? fabric.lanes.sender<object>(laneName(stage, instance));
    senders.set(instance, sender);
    return sender;
  };

  /** Selects and books in one turn of the event loop, so that no two requests see the same free place. */
  const place = async (
    work: StageWork<unknown>,
    excluded: ReadonlySet<InstanceId>,
    signal: AbortSignal,
  ): Promise<{ instance: InstanceId; booking: Booking; trace: RouteTrace }> => {
    let giveUp: AbortSignal | undefined;
    for (;;) {
      const request = { ...work, excluded };
      const decision = selectInstance(options.policy, request, fleet.views(), options.random);
      if (decision.kind === 'selected') {
        const { id } = decision.instance;
        return { instance: id, booking: fleet.book(id, work.tokens), trace: decision.trace };
      }
      signal.throwIfAborted();
      giveUp ??= AbortSignal.any([signal, AbortSignal.timeout(options.instanceWaitMs)]);
      if (giveUp.aborted) {
        throw new Fault('unavailable', `No ${work.stage} instance is available for this request.`);
      }
      await fleet.changed(giveUp);
    }
  };

  const attempt = async <Result>(
    work: StageWork<Result>,
    instance: InstanceId,
    signal: AbortSignal,
  ): Promise<Result> => {
    const id = asJobId(randomUUID());
    const sender = senderTo(work.stage, instance);
    const abandon = (): void => void withdraw(sender, id, work.requestId, instance);
    try {
      return await new Promise<Result>((resolve, reject) => {
        signal.throwIfAborted();
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
          abandon();
        });
        openJobs.add(id, {
          instance,
          hear: (event) => {
            const result = work.hear(event);
            if (result !== undefined) resolve(result);
          },
          fail: reject,
        });
        sender.add({ id, body: work.command(id) }).then((outcome) => {
          if (outcome.kind === 'added') return;
          const reason = outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
          reject(new Fault('saturated', `The lane of ${instance} takes no more work: ${reason}.`));
        }, reject);
      });
    } finally {
      openJobs.remove(id);
    }
  };

  /** Takes a job back that may be in the lane, in the engine or done. */
  const withdraw = async (
    sender: LaneSender<object>,
    id: JobId,
    requestId: string,
    instance: InstanceId,
  ): Promise<void> => {
    const removed = await sender.remove(id).catch(() => false);
    const address = fleet.record(instance)?.address;
    if (removed || address === undefined) return;
    await callUnary<unknown>((callback) =>
      peers
        .stage(address)
        .cancel({ requestIds: [requestId] }, { deadline: Date.now() + 2000 }, callback),
    ).catch((error: unknown) => logger.info({ err: error, instance }, 'cancel did not arrive'));
  };

  return {
    run: async (work, signal) => {
      const startMs = performance.now();
      const excluded = new Set<InstanceId>();
      for (let tries = 1; ; tries++) {
        const { instance, booking } = await place(work, excluded, signal);
        try {
          const address = fleet.record(instance)?.address ?? '';
          const own = ownSignal(signal);
          const result = await attempt(work, instance, own.signal).finally(own.release);
          return { result, instance, address, totalMs: performance.now() - startMs };
        } catch (error) {
          const fault = Fault.from(error);
          if (signal.aborted) throw signal.reason;
          if (tries >= work.attemptsMax || !faultTable[fault.code].retryable || isLocal(fault)) {
            throw fault;
          }
          logger.info({ code: fault.code, instance, stage: work.stage, tries }, 'trying elsewhere');
          excluded.add(instance);
        } finally {
          booking.release();
        }
      }
    },
    close: async () => {
      openJobs.failAll(new Fault('unavailable', 'The router is shutting down.'));
      await Promise.all(
        [...senders.values()].map((sender) => sender.close().catch(() => undefined)),
      );
    },
  };
};

/** `not_found` names a payload that another stage must make again: no other instance would find it. */
const isLocal = (fault: Fault): boolean => fault.code === 'not_found';

/** A signal that follows another and can be let go of, so that listeners do not pile up on long requests. */
const ownSignal = (parent: AbortSignal): { signal: AbortSignal; release: () => void } => {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    release: () => parent.removeEventListener('abort', follow),
  };
};
