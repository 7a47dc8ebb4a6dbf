import type { DecodeEngine, DecodeStart, KvFootprint } from '@isotherm/engine';
import { type Deferred, Fault, invariant } from '@isotherm/kernel';
import { choosePreempted, type RunningSequence } from '@isotherm/policy';

/** A sequence that runs in an engine's batch, or is about to. */
export interface BatchMember extends KvFootprint, RunningSequence {
  readonly id: string;
  /** Until it has a slot: then the engine has a copy, and nobody else may keep the KV cache alive. */
  start: DecodeStart | undefined;
  readonly signal: AbortSignal;
  readonly done: Deferred<void>;
  /** Tokens in its cache. */
  tokens: number;
  joined: number;
}

/** Who runs in an engine's batch, held within its slots and its KV memory. */
export interface BatchMembers<Member extends BatchMember> {
  readonly size: number;
  /** Bytes of KV cache that they take. */
  readonly kvBytes: number;
  /** How many were preempted since the start. */
  readonly preemptions: number;
  get(id: string): Member | undefined;
  /** Whether none has to leave before the next step. */
  readonly steady: boolean;
  /** Whether there are a slot and the memory for one more. */
  mayJoin(next: Member): boolean;
  /** Rejects with what the engine throws; then it has not joined. */
  join(next: Member): Promise<void>;
  /** Forgets one that has left its slot. */
  forget(id: string): void;
  /** Takes out those whose signal has aborted. */
  dismissAborted(): Promise<void>;
  /** Takes sequences out, with the fault `preempted`, until the next step has room. */
  preempt(): Promise<void>;
  /** Takes all out with a fault. */
  failAll(fault: Fault): Promise<void>;
}

/** Tokens by which everybody must be able to grow when one joins: else it would soon be preempted again. */
const growthTokens = 16;

export const createBatchMembers = <Member extends BatchMember>(
  engine: DecodeEngine,
): BatchMembers<Member> => {
  const { kv } = engine;
  const active = new Map<string, Member>();
  const counts = { joined: 0, preempted: 0 };

  /** Bytes that the members take, each with room for some tokens more. */
  const bytesOf = (members: readonly Member[], moreTokens: number): number =>
    kv.bytesOf(
      members.map(({ tokens, mediaTokens }) => ({ tokens: tokens + moreTokens, mediaTokens })),
    );
  /** Frees a sequence's slot; an engine that cannot even do that fails its next step too. */
  const vacate = async (id: string): Promise<void> => {
    active.delete(id);
    await engine.leave(id).catch(() => undefined);
  };

  const fits = (): boolean => bytesOf([...active.values()], 1) <= kv.bytesMax;

  return {
    get size() {
      return active.size;
    },
    get kvBytes() {
      return bytesOf([...active.values()], 0);
    },
    get preemptions() {
      return counts.preempted;
    },
    get steady() {
      return fits() && [...active.values()].every(({ signal }) => !signal.aborted);
    },
    get: (id) => active.get(id),
    mayJoin: (next) => {
      if (active.size >= engine.slots) return false;
      if (active.size === 0) return true;
      return bytesOf([...active.values(), next], growthTokens) <= kv.bytesMax;
    },
    join: async (next) => {
      const { start } = next;
      invariant(start !== undefined, 'a sequence joins once');
      await engine.join(next.id, start);
      next.start = undefined;
      next.joined = counts.joined += 1;
      active.set(next.id, next);
    },
    forget: (id) => void active.delete(id),
    dismissAborted: async () => {
      for (const { id, signal } of active.values()) if (signal.aborted) await vacate(id);
    },
    preempt: async () => {
      while (!fits()) {
        const chosen = choosePreempted([...active.values()]);
        if (chosen === undefined) return;
        counts.preempted += 1;
        chosen.done.reject(new Fault('preempted', `${kv.bytesMax} bytes of KV cache ran out.`));
        await vacate(chosen.id);
      }
    },
    failAll: async (fault) => {
      const failed = [...active.values()];
      active.clear();
      for (const { done } of failed) done.reject(fault);
      for (const { id } of failed) await vacate(id);
    },
  };
};
