import type { DecodedToken, DecodeEngine, DecodeStart } from '@isotherm/engine';
import { deferred, type Deferred, Fault } from '@isotherm/kernel';

/** How a sequence's time in the batch was spent. */
export interface SequenceTiming {
  readonly queueMs: number;
  readonly engineMs: number;
  /** Most sequences that it shared a step with, itself included. */
  readonly batch: number;
}

/** A token for its owner; `timing` comes with the last one. */
export interface BatchToken<Owner> extends DecodedToken {
  readonly owner: Owner;
  readonly timing: SequenceTiming | undefined;
}

/**
 * The running batch: sequences join when a slot is free and leave when they finish or are cancelled, at any step;
 * the batch never waits for any of them. `onStep` gets all tokens of one step together.
 */
export interface RunningBatch<Owner> {
  /** Runs a sequence to its end. Rejects with the signal's reason, or with what the engine threw. */
  run(sequence: string, owner: Owner, start: DecodeStart, signal: AbortSignal): Promise<void>;
  readonly size: number;
  readonly waiting: number;
}

interface Sequence<Owner> {
  readonly id: string;
  readonly owner: Owner;
  readonly start: DecodeStart;
  readonly signal: AbortSignal;
  readonly sinceMs: number;
  readonly done: Deferred<void>;
  joinedMs: number;
  batch: number;
}

export const createRunningBatch = <Owner>(
  engine: DecodeEngine,
  onStep: (tokens: readonly BatchToken<Owner>[], batch: number) => void,
): RunningBatch<Owner> => {
  const queue: Sequence<Owner>[] = [];
  const active = new Map<string, Sequence<Owner>>();
  let looping = false;

  const admit = async (): Promise<void> => {
    while (active.size < engine.slots) {
      const next = queue.shift();
      if (next === undefined) return;
      if (next.signal.aborted) continue;
      try {
        await engine.join(next.id, next.start);
        next.joinedMs = performance.now();
        active.set(next.id, next);
      } catch (error) {
        next.done.reject(error);
      }
    }
  };

  /** Frees a sequence's slot; an engine that cannot even do that fails its next step too. */
  const vacate = (id: string): Promise<void> => engine.leave(id).catch(() => undefined);

  const dismissAborted = async (): Promise<void> => {
    for (const sequence of active.values()) {
      if (!sequence.signal.aborted) continue;
      active.delete(sequence.id);
      await vacate(sequence.id);
    }
  };

  const deliver = (tokens: readonly DecodedToken[]): void => {
    const batch = active.size;
    const nowMs = performance.now();
    const owned = tokens.flatMap((token): BatchToken<Owner>[] => {
      const sequence = active.get(token.sequence);
      if (sequence === undefined || sequence.signal.aborted) return [];
      sequence.batch = Math.max(sequence.batch, batch);
      const { owner } = sequence;
      if (token.finish === undefined) return [{ ...token, owner, timing: undefined }];
      active.delete(token.sequence);
      sequence.done.resolve();
      const queueMs = sequence.joinedMs - sequence.sinceMs;
      const timing = { queueMs, engineMs: nowMs - sequence.joinedMs, batch: sequence.batch };
      return [{ ...token, owner, timing }];
    });
    if (owned.length > 0) onStep(owned, batch);
  };

  const loop = async (): Promise<void> => {
    if (looping) return;
    looping = true;
    try {
      while (queue.length > 0 || active.size > 0) {
        try {
          await dismissAborted();
          await admit();
          if (active.size > 0) deliver(await engine.step());
        } catch (error) {
          await failActive(error);
        }
      }
    } finally {
      looping = false;
    }
  };

  /** Fails what shared the step, aborted or not; what is queued runs once the slots are free. */
  const failActive = async (error: unknown): Promise<void> => {
    const cause = Fault.from(error);
    const fault = new Fault('unavailable', 'The decode engine failed.', { cause });
    const failed = [...active.values()];
    active.clear();
    for (const sequence of failed) sequence.done.reject(fault);
    for (const { id } of failed) await vacate(id);
  };

  return {
    run: (id, owner, start, signal) => {
      const done = deferred<void>();
      const sinceMs = performance.now();
      const sequence = { id, owner, start, signal, sinceMs, done, joinedMs: 0, batch: 0 };
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
      return active.size;
    },
    get waiting() {
      return queue.length;
    },
  };
};
