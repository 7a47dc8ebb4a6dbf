import { deferred, Fault } from '@isotherm/kernel';
import { isSameVariant, type Variant } from './variant.ts';

/** What a pool needs of an engine. */
export interface Closable {
  readonly failed: Promise<Fault>;
  close(): Promise<void>;
}

/**
 * The engines of one stage while what it has loaded is switched: new work goes to the current one, and those before it live
 * until their work is done.
 */
export interface EnginePool<Engine extends Closable> {
  readonly variant: Variant;
  readonly current: Engine;
  /** Resolves with the reason when one of the engines in use has died. */
  readonly failed: Promise<Fault>;
  /** Keeps the current engine from being closed until the returned function is called. */
  hold(): { readonly engine: Engine; release(): void };
  /**
   * Opens an engine beside the current one, like it but for what is wanted, and makes it the current one. Faults: those of
   * opening; then nothing changes.
   */
  switchTo(wanted: Partial<Variant>): Promise<void>;
  close(): Promise<void>;
}

interface Pooled<Engine> {
  readonly variant: Variant;
  readonly engine: Engine;
  holders: number;
}

export const createEnginePool = async <Engine extends Closable>(
  variant: Variant,
  open: (variant: Variant) => Promise<Engine>,
): Promise<EnginePool<Engine>> => {
  const failed = deferred<Fault>();
  const living = new Set<Pooled<Engine>>();
  let closed = false;
  const openPooled = async (wanted: Variant): Promise<Pooled<Engine>> => {
    const engine = await open(wanted);
    const pooled = { variant: wanted, engine, holders: 0 };
    living.add(pooled);
    void engine.failed.then(failed.resolve);
    return pooled;
  };
  let current = await openPooled(variant);
  let switching: Promise<void> = Promise.resolve();

  const retire = async (pooled: Pooled<Engine>): Promise<void> => {
    if (pooled === current || pooled.holders > 0 || !living.delete(pooled)) return;
    await pooled.engine.close();
  };
  const change = async (wanted: Partial<Variant>): Promise<void> => {
    if (closed) throw new Fault('unavailable', 'The engine is closed.');
    const next = { ...current.variant, ...wanted };
    if (isSameVariant(next, current.variant)) return;
    const before = current;
    current = await openPooled(next);
    await retire(before);
  };

  return {
    get variant() {
      return current.variant;
    },
    get current() {
      return current.engine;
    },
    failed: failed.promise,
    hold: () => {
      const pooled = current;
      pooled.holders += 1;
      let held = true;
      return {
        engine: pooled.engine,
        release: () => {
          if (held) pooled.holders -= 1;
          held = false;
          void retire(pooled);
        },
      };
    },
    switchTo: (wanted) => {
      const mine = switching.then(() => change(wanted));
      switching = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      closed = true;
      await switching;
      await Promise.all([...living].map(({ engine }) => engine.close()));
      living.clear();
    },
  };
};
