import { Agent } from 'node:http';
import { askWithClass, type ClassedOutcome } from './ask-with-class.ts';
import type { Arrival, Offer } from './offered-load.ts';

/** What became of one arrival; when it was due and when it ended, in milliseconds since the load began. */
export interface Driven {
  readonly offer: Offer;
  readonly atMs: number;
  readonly endedMs: number;
  readonly outcome: ClassedOutcome;
}

export interface ClassDriver {
  /** Sends each request when it is due, whatever became of those before; resolves when all have ended. */
  open(arrivals: readonly Arrival[], untilMs: number): Promise<readonly Driven[]>;
  /** Each request as soon as one before it ended, so many at once and so long. */
  closed(offer: Offer, concurrency: number, forMs: number): Promise<readonly Driven[]>;
  close(): void;
}

/** `deadlineMs`: how long clients wait, as they tell the server; absent: as long as it lets them. */
export const createClassDriver = (
  baseUrl: string,
  body: string,
  deadlineMs?: number,
): ClassDriver => {
  const agent = new Agent({ keepAlive: true });
  const ask = async (offer: Offer, beginMs: number): Promise<Driven> => {
    const atMs = performance.now() - beginMs;
    const { tenant, sloClass } = offer;
    const outcome = await askWithClass(baseUrl, agent, { tenant, sloClass, body, deadlineMs });
    return { offer, atMs, endedMs: performance.now() - beginMs, outcome };
  };
  return {
    open: async (arrivals, untilMs) => {
      const beginMs = performance.now();
      const asked: Promise<Driven>[] = [];
      for (const { atMs, offer } of arrivals) {
        const waitMs = beginMs + atMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        asked.push(ask(offer, beginMs));
      }
      const restMs = beginMs + untilMs - performance.now();
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      return Promise.all(asked);
    },
    closed: async (offer, concurrency, forMs) => {
      const beginMs = performance.now();
      const driven: Driven[] = [];
      const loop = async (): Promise<void> => {
        while (performance.now() - beginMs < forMs) driven.push(await ask(offer, beginMs));
      };
      await Promise.all(Array.from({ length: concurrency }, loop));
      return driven;
    },
    close: () => agent.destroy(),
  };
};
