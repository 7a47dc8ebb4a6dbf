import type {
  DecodedToken,
  DecodeEngine,
  EncodeEngine,
  PrefillEngine,
  PrefixCache,
} from '../contract.ts';
import type { Supervised } from '../onnx/engine-options.ts';
import { createEnginePool, type EnginePool } from './engine-pool.ts';
import type { Variant } from './variant.ts';

/** An engine that can load another variant while it works: what has begun keeps the one that it began with. */
export interface Switchable extends Supervised {
  /** That of new work. */
  readonly variant: Variant;
  /** Resolves when new work runs so; what is not named stays. Faults: `unsupported` where there is no such variant. */
  switchTo(wanted: Partial<Variant>): Promise<void>;
}

const switching = <Engine extends Supervised & { close(): Promise<void> }>(
  pool: EnginePool<Engine>,
) => ({
  get variant() {
    return pool.variant;
  },
  failed: pool.failed,
  switchTo: (wanted: Partial<Variant>) => pool.switchTo(wanted),
  close: () => pool.close(),
});

/** Adds properties without reading those that are getters. */
const joined = <One extends object, Other extends object>(one: One, other: Other): One & Other =>
  Object.defineProperties(one, Object.getOwnPropertyDescriptors(other)) as One & Other;

export const switchableEncodeEngine = async (
  variant: Variant,
  open: (variant: Variant) => Promise<EncodeEngine & Supervised>,
): Promise<EncodeEngine & Switchable> => {
  const pool = await createEnginePool(variant, open);
  return joined(
    {
      get batchMax() {
        return pool.current.batchMax;
      },
      get scope() {
        return pool.current.scope;
      },
      encode: async (
        ...given: Parameters<EncodeEngine['encode']>
      ): ReturnType<EncodeEngine['encode']> => {
        const { engine, release } = pool.hold();
        return engine.encode(...given).finally(release);
      },
    },
    switching(pool),
  );
};

export const switchablePrefillEngine = async (
  variant: Variant,
  open: (variant: Variant) => Promise<PrefillEngine & Supervised>,
): Promise<PrefillEngine & Switchable> => {
  const pool = await createEnginePool(variant, open);
  const cached = pool.current.prefixes !== undefined;
  return joined(
    {
      ...(cached && { prefixes: prefixesOf(pool) }),
      prefill: async (
        ...given: Parameters<PrefillEngine['prefill']>
      ): ReturnType<PrefillEngine['prefill']> => {
        const { engine, release } = pool.hold();
        return engine.prefill(...given).finally(release);
      },
    },
    switching(pool),
  );
};

/** The prefixes that the current engine holds; those of one before it are gone, as routers are told. */
const prefixesOf = (pool: EnginePool<PrefillEngine & Supervised>): PrefixCache => {
  const ofCurrent = (): PrefixCache => {
    const { prefixes } = pool.current;
    if (prefixes === undefined) throw new TypeError('every engine of a pool is opened alike');
    return prefixes;
  };
  let told = ofCurrent();
  return {
    blockTokens: told.blockTokens,
    heldMedia: (prompt) => ofCurrent().heldMedia(prompt),
    keys: () => ofCurrent().keys(),
    status: () => ofCurrent().status(),
    changes: () => {
      const before = told;
      told = ofCurrent();
      if (before === told) return told.changes();
      const { removed } = before.changes();
      told.changes();
      return { added: told.keys(), removed: [...removed, ...before.keys()] };
    },
  };
};

/** Sequences of the engine before a switch and of the one after it are stepped side by side. */
export const switchableDecodeEngine = async <Engine extends DecodeEngine & Supervised>(
  variant: Variant,
  open: (variant: Variant) => Promise<Engine>,
): Promise<DecodeEngine & Switchable> => {
  const pool = await createEnginePool(variant, open);
  const owners = new Map<string, { readonly engine: Engine; release(): void }>();
  const forget = (sequence: string): void => {
    owners.get(sequence)?.release();
    owners.delete(sequence);
  };
  const stepOf = async (engine: Engine, alone?: boolean): Promise<readonly DecodedToken[]> => {
    const tokens = await engine.step(alone);
    for (const { sequence, finish } of tokens) if (finish !== undefined) forget(sequence);
    return tokens;
  };
  return joined(
    {
      get slots() {
        return pool.current.slots;
      },
      get contextMax() {
        return pool.current.contextMax;
      },
      get kv() {
        return pool.current.kv;
      },
      join: async (...[sequence, start]: Parameters<DecodeEngine['join']>): Promise<void> => {
        const held = pool.hold();
        try {
          await held.engine.join(sequence, start);
          owners.set(sequence, held);
        } catch (thrown) {
          held.release();
          throw thrown;
        }
      },
      leave: async (sequence: string): Promise<void> => {
        await owners.get(sequence)?.engine.leave(sequence);
        forget(sequence);
      },
      step: async (alone?: boolean): Promise<readonly DecodedToken[]> => {
        const engines = new Set([...owners.values()].map(({ engine }) => engine));
        return (await Promise.all([...engines].map((engine) => stepOf(engine, alone)))).flat();
      },
    },
    switching(pool),
  );
};
