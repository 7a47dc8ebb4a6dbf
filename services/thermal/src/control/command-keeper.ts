import type { Logger } from '@isotherm/runtime';
import type { HistoryStore } from '../history/store.ts';

/**
 * Clocks that instances were last told to run at, where the next process finds them: it brings back who still runs so, and
 * nobody whom a person has slowed down.
 */
export interface CommandKeeper {
  /** Reads what an earlier process of this room wrote down. Never rejects. */
  restore(): Promise<void>;
  /** Notes a command; a full clock is nothing to bring back. */
  note(instance: string, clockShare: number): void;
  /** Whether an earlier process told the instance to run at this clock. */
  isCommanded(instance: string, clockShare: number): boolean;
  /** Forgets instances that are gone. */
  keepOnly(living: ReadonlySet<string>): void;
  /** Writes down what has changed. Never rejects; what failed is written with the next. */
  flush(): Promise<void>;
}

/** An instance may not have followed the last one when its service died. */
const clocksMax = 2;
const keptMs = 60 * 86_400_000;
/** A clock share that differs by less is the same. */
const clockNoise = 0.02;

export const commandKey = (prefix: string, room: string): string =>
  `${prefix}:thermal:commands:${room}`;

export const createCommandKeeper = (
  key: string,
  store: Pick<HistoryStore, 'put' | 'read'>,
  logger: Logger,
): CommandKeeper => {
  let before: ReadonlyMap<string, readonly number[]> = new Map();
  const clocks = new Map<string, readonly number[]>();
  let isDirty = false;
  return {
    restore: async () => {
      try {
        const bytes = await store.read(key);
        if (bytes === undefined) return;
        before = clocksOf(JSON.parse(bytes.toString()));
        for (const [id, shares] of before) clocks.set(id, shares);
      } catch (error) {
        logger.warn({ err: error }, 'earlier commands not read');
      }
    },
    note: (instance, clockShare) => {
      isDirty = true;
      if (clockShare >= 1) clocks.delete(instance);
      else clocks.set(instance, [...(clocks.get(instance) ?? []), clockShare].slice(-clocksMax));
    },
    isCommanded: (instance, clockShare) =>
      (before.get(instance) ?? []).some((each) => Math.abs(each - clockShare) < clockNoise),
    keepOnly: (living) => {
      for (const id of clocks.keys()) {
        if (!living.has(id)) isDirty = clocks.delete(id) || isDirty;
      }
    },
    flush: async () => {
      if (!isDirty && clocks.size === 0) return;
      isDirty = false;
      try {
        await store.put(key, Buffer.from(JSON.stringify(Object.fromEntries(clocks))), keptMs);
      } catch (error) {
        isDirty = true;
        logger.warn({ err: error }, 'commands not written');
      }
    },
  };
};

const clocksOf = (read: unknown): ReadonlyMap<string, readonly number[]> => {
  const entries = Object.entries(read !== null && typeof read === 'object' ? read : {});
  return new Map(
    entries.flatMap(([id, shares]: [string, unknown]): [string, readonly number[]][] =>
      Array.isArray(shares) ? [[id, shares.filter((each) => Number.isFinite(each))]] : [],
    ),
  );
};
