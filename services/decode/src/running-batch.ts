import { type DecodeEngine, type DecodeStart, footprintOf } from '@isotherm/engine';
import { deferred, Fault } from '@isotherm/kernel';
import { createBatchMembers } from './batch-members.ts';
import { type BatchToken, createStepTokens, type Sequence } from './step-tokens.ts';

/**
 * The running batch: sequences join when a slot and memory are free and leave when they finish or are cancelled, at any
 * step; the batch never waits for any of them. When it outgrows its memory, sequences are preempted. `onStep` gets all
 * tokens of one step together.
 */
export interface RunningBatch<Owner> {
  /**
   * Runs a sequence to its end. Rejects with the signal's reason, with what the engine threw, or with `preempted` when
   * it had to make room: all its tokens so far have been delivered then.
   */
  run(sequence: string, request: SequenceRequest<Owner>, signal: AbortSignal): Promise<void>;
  readonly size: number;
  readonly waiting: number;
  /** Bytes of KV cache that the batch takes. */
  readonly kvBytes: number;
  /** Sequences preempted since the start. */
  readonly preemptions: number;
}

export interface SequenceRequest<Owner> {
  readonly owner: Owner;
  readonly start: DecodeStart;
  /** How often its request was preempted before. */
  readonly preemptions: number;
  /** Called when it has a slot: its KV cache is no longer kept beside it. */
  joined?(): void;
}

export const createRunningBatch = <Owner>(
  engine: DecodeEngine,
  onStep: (tokens: readonly BatchToken<Owner>[], batch: number) => void,
): RunningBatch<Owner> => {
  const queue: Sequence<Owner>[] = [];
  const members = createBatchMembers<Sequence<Owner>>(engine);
  const steps = createStepTokens(members, onStep);
  let looping = false;

  const admit = async (): Promise<void> => {
    for (let next = queue[0]; next !== undefined && members.mayJoin(next); next = queue[0]) {
      queue.shift();
      if (next.signal.aborted) continue;
      try {
        await members.join(next);
        next.onJoined();
        next.joinedMs = performance.now();
      } catch (error) {
        next.done.reject(error);
      }
    }
  };

  /** Whether the next step can begin with the batch as it is. */
  const steady = (): boolean =>
    members.size > 0 && members.steady && !(queue[0] !== undefined && members.mayJoin(queue[0]));

  const deliver = async (): Promise<void> => steps.deliver();

  /** The engine begins its next step before the owners hear of the last one: neither waits for the other. */
  const turn = async (): Promise<void> => {
    if (!steady()) {
      steps.deliver();
      await members.dismissAborted();
      await members.preempt();
      await admit();
    }
    if (members.size === 0) return;
    const [tokens] = await Promise.all([engine.step(), deliver()]);
    steps.enter(tokens);
  };

  const loop = async (): Promise<void> => {
    if (looping) return;
    looping = true;
    try {
      while (queue.length > 0 || members.size > 0 || steps.undelivered) {
        try {
          await turn();
        } catch (error) {
          // What shared the step fails, aborted or not; what is queued runs once the slots are free.
          const cause = Fault.from(error);
          await members.failAll(new Fault('unavailable', 'The decode engine failed.', { cause }));
        }
      }
    } finally {
      looping = false;
    }
  };

  return {
    run: (id, { owner, start, preemptions, joined = () => undefined }, signal) => {
      const done = deferred<void>();
      const sequence: Sequence<Owner> = {
        ...{ owner, start, preemptions, onJoined: joined },
        ...footprintOf(start),
        id,
        signal,
        sinceMs: performance.now(),
        done,
        joined: 0,
        joinedMs: 0,
        batch: 0,
      };
      const leave = (): void => {
        // One that waits for a slot holds its KV cache; it must not wait to be forgotten.
        const index = queue.indexOf(sequence);
        if (index >= 0) queue.splice(index, 1);
        sequence.done.reject(signal.reason);
      };
      if (signal.aborted) leave();
      else {
        signal.addEventListener('abort', leave, { once: true });
        queue.push(sequence);
        void loop();
      }
      return sequence.done.promise.finally(() => signal.removeEventListener('abort', leave));
    },
    get size() {
      return members.size;
    },
    get waiting() {
      return queue.length;
    },
    get kvBytes() {
      return members.kvBytes;
    },
    get preemptions() {
      return members.preemptions;
    },
  };
};
