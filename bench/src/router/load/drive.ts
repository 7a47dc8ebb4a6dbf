import type { Asked, Asker } from './ask.ts';
import { createAsker } from './ask.ts';

/** How requests come. */
export type Pace =
  /** At even intervals, whether or not earlier ones have been answered. */
  | { readonly kind: 'open'; readonly perS: number }
  /** Each as soon as one before it was answered. */
  | { readonly kind: 'closed'; readonly concurrency: number };

export interface LoadOrder {
  readonly asked: Asked;
  readonly pace: Pace;
  /** Load before what is measured, in milliseconds. */
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface LoadOutcome {
  /** Of each request that began in the measured time, in milliseconds since it was sent. */
  readonly firstMs: readonly number[];
  readonly wholeMs: readonly number[];
  /** Answers that came in the measured time; with those before and after it. */
  readonly completed: number;
  readonly answered: number;
  readonly failed: number;
  /** What the first failure said. */
  readonly failure: string;
  readonly measureMs: number;
}

/** Drives load in this very process. */
export const drive = async ({
  asked,
  pace,
  warmMs,
  measureMs,
}: LoadOrder): Promise<LoadOutcome> => {
  const asker = createAsker(asked);
  const startMs = performance.now() + warmMs;
  const endMs = startMs + measureMs;
  const heard = createTally(startMs, endMs);
  try {
    if (pace.kind === 'open') await openLoop(asker, pace.perS, endMs, heard);
    else await closedLoop(asker, pace.concurrency, endMs, heard);
  } finally {
    await asker.close();
  }
  return { ...heard.outcome(), measureMs };
};

type Tally = ReturnType<typeof createTally>;

const createTally = (startMs: number, endMs: number) => {
  const firsts: number[] = [];
  const wholes: number[] = [];
  let [completed, answered, failed] = [0, 0, 0];
  let failure = '';
  return {
    ask: async (asker: Asker): Promise<void> => {
      const sentMs = performance.now();
      try {
        const { firstMs, wholeMs } = await asker.ask();
        answered += 1;
        const nowMs = performance.now();
        if (nowMs >= startMs && nowMs < endMs) completed += 1;
        if (sentMs < startMs || sentMs >= endMs) return;
        firsts.push(firstMs);
        wholes.push(wholeMs);
      } catch (error) {
        failed += 1;
        failure ||= String(error);
      }
    },
    outcome: () => ({ firstMs: firsts, wholeMs: wholes, completed, answered, failed, failure }),
  };
};

const openLoop = async (asker: Asker, perS: number, endMs: number, tally: Tally): Promise<void> => {
  const underWay = new Set<Promise<void>>();
  const beginMs = performance.now();
  for (let index = 0; ; index++) {
    const dueMs = beginMs + (index * 1000) / perS;
    if (dueMs >= endMs) break;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const asking = tally.ask(asker);
    underWay.add(asking);
    void asking.then(() => underWay.delete(asking));
  }
  await Promise.all(underWay);
};

const closedLoop = async (
  asker: Asker,
  concurrency: number,
  endMs: number,
  tally: Tally,
): Promise<void> => {
  const loop = async (): Promise<void> => {
    while (performance.now() < endMs) await tally.ask(asker);
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
};
