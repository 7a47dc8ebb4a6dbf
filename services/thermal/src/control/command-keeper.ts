import type { Logger } from '@isotherm/runtime';
import type { HistoryStore } from '../history/store.ts';
import { isSameVariant, type Variant } from '../profiles/profile-book.ts';

/**
 * What instances were last told to run at, where the next process finds them: it brings back who still runs so, and
 * nobody whom a person has slowed down.
 */
export interface CommandKeeper {
  /** Reads what an earlier process of this room wrote down. Never rejects. */
  restore(): Promise<void>;
  /** Notes a command; a full clock is nothing to bring back. */
  note(instance: string, clockShare: number): void;
  /** Whether an earlier process told the instance to run at this clock. */
  isCommanded(instance: string, clockShare: number): boolean;
  /** Notes that an instance is told to load something in place of what it was configured with. */
  noteLoad(instance: string, loaded: Variant, home: Variant): void;
  /** What an instance was configured with that has loaded what this process, or an earlier one, told it to. */
  homeOf(instance: string, loaded: Variant): Variant | undefined;
  /** Forgets instances that are gone. */
  keepOnly(living: ReadonlySet<string>): void;
  /** Writes down what has changed. Never rejects; what failed is written with the next. */
  flush(): Promise<void>;
}

/** An instance may not have followed the last one when its service died. */
const clocksMax = 2;
/** More than a plan goes to and fro between. */
const loadsMax = 8;
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
  let before: ReadonlyMap<string, Commanded> = new Map();
  const commanded = new Map<string, Commanded>();
  let isDirty = false;
  const change = (instance: string, different: Partial<Commanded>): void => {
    isDirty = true;
    const next = { ...(commanded.get(instance) ?? nothing), ...different };
    if (next.clocks.length === 0 && next.loads.length === 0) commanded.delete(instance);
    else commanded.set(instance, next);
  };
  return {
    restore: async () => {
      try {
        const bytes = await store.read(key);
        if (bytes === undefined) return;
        before = commandedIn(JSON.parse(bytes.toString()));
        for (const [id, each] of before) commanded.set(id, each);
      } catch (error) {
        logger.warn({ err: error }, 'earlier commands not read');
      }
    },
    note: (instance, clockShare) => {
      const { clocks } = commanded.get(instance) ?? nothing;
      const isFull = clockShare >= 1;
      change(instance, { clocks: isFull ? [] : [...clocks, clockShare].slice(-clocksMax) });
    },
    isCommanded: (instance, clockShare) =>
      (before.get(instance)?.clocks ?? []).some((each) => Math.abs(each - clockShare) < clockNoise),
    noteLoad: (instance, loaded, home) => {
      const { loads } = commanded.get(instance) ?? nothing;
      const others = loads.filter((each) => !isSameVariant(each.loaded, loaded));
      change(instance, { loads: [...others, { loaded, home }].slice(-loadsMax) });
    },
    homeOf: (instance, loaded) =>
      commanded.get(instance)?.loads.find((each) => isSameVariant(each.loaded, loaded))?.home,
    keepOnly: (living) => {
      for (const id of commanded.keys()) {
        if (!living.has(id)) isDirty = commanded.delete(id) || isDirty;
      }
    },
    flush: async () => {
      if (!isDirty && commanded.size === 0) return;
      isDirty = false;
      try {
        await store.put(key, Buffer.from(JSON.stringify(Object.fromEntries(commanded))), keptMs);
      } catch (error) {
        isDirty = true;
        logger.warn({ err: error }, 'commands not written');
      }
    },
  };
};

interface Commanded {
  readonly clocks: readonly number[];
  readonly loads: readonly { readonly loaded: Variant; readonly home: Variant }[];
}

const nothing: Commanded = { clocks: [], loads: [] };

/** What was written; what is none of it is left out. A list of clocks alone is what earlier versions wrote. */
const commandedIn = (read: unknown): ReadonlyMap<string, Commanded> => {
  const entries = Object.entries(read !== null && typeof read === 'object' ? read : {});
  return new Map(
    entries.map(([id, value]: [string, unknown]): [string, Commanded] => {
      const { clocks, loads } = Array.isArray(value) ? { clocks: value } : recordOf(value);
      return [
        id,
        {
          clocks: listOf(clocks).filter((each): each is number => Number.isFinite(each)),
          loads: listOf(loads).flatMap((each) => {
            const [loaded, home] = [
              variantIn(recordOf(each)['loaded']),
              variantIn(recordOf(each)['home']),
            ];
            return loaded !== undefined && home !== undefined ? [{ loaded, home }] : [];
          }),
        },
      ];
    }),
  );
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' ? { ...value } : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const variantIn = (value: unknown): Variant | undefined => {
  const { model, precision, threads } = recordOf(value);
  const isVariant = typeof model === 'string' && typeof precision === 'string';
  return isVariant && typeof threads === 'number' ? { model, precision, threads } : undefined;
};
