import type { TextModel } from '@isotherm/engine/text';
import { seededRandom } from '@isotherm/kernel';
import { createChatClient, type StageFacts } from '../client/chat-client.ts';
import { type RequestShape, type TracedRequest, tracedRequests } from './trace.ts';

/** An answer from when its request was due, live or simulated; times in milliseconds. */
export interface TimedAnswer {
  readonly index: number;
  readonly images: number;
  readonly ttftMs: number;
  readonly wholeMs: number;
  readonly tokens: number;
  /** When it was whole, since the run began. */
  readonly endedMs?: number;
  /** Live: how long its media were at the encoder, their waits too, and it in the other engines, its waits not counted. */
  readonly encodeMs?: number;
  readonly prefillMs?: number;
  readonly decodeMs?: number;
}

export interface Replayed {
  readonly answers: readonly TimedAnswer[];
  readonly failed: readonly string[];
  /** From when the first was due to the end of the last. */
  readonly lastedMs: number;
  /** How much later than due requests were sent at most. */
  readonly lateMaxMs: number;
}

/** Sends requests when they are due, whatever became of those before. */
export const replay = (
  baseUrl: string,
  requests: readonly TracedRequest[],
  atMs: readonly number[],
): Promise<Replayed> =>
  sending(baseUrl, 50, async (send, startMs) => {
    const sent: Promise<void>[] = [];
    for (const [index, request] of requests.entries()) {
      const dueMs = startMs + (atMs[index] ?? 0);
      await until(dueMs);
      sent.push(send(request, index, dueMs));
    }
    await Promise.all(sent);
  });

/** Requests that are sent, each lane's next one when its last is answered, until the time is up. */
export const replayLanes = async (
  baseUrl: string,
  requests: readonly TracedRequest[],
  { lanes, seconds }: { readonly lanes: number; readonly seconds: number },
): Promise<Replayed & { readonly sent: number }> => {
  let next = 0;
  const replayed = await sending(baseUrl, 0, async (send, startMs) => {
    const lane = async (): Promise<void> => {
      while (performance.now() - startMs < 1000 * seconds) {
        const request = requests[next];
        if (request === undefined) return;
        next += 1;
        await send(request, next - 1, performance.now());
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  });
  return { ...replayed, sent: next };
};

type Send = (request: TracedRequest, index: number, dueMs: number) => Promise<void>;

const sending = async (
  baseUrl: string,
  afterMs: number,
  all: (send: Send, startMs: number) => Promise<void>,
): Promise<Replayed> => {
  const client = createChatClient({ baseUrl, connectionsMax: Infinity });
  const answers: TimedAnswer[] = [];
  const failed: string[] = [];
  let lateMaxMs = 0;
  let lastMs = 0;
  const startMs = performance.now() + afterMs;
  const send: Send = async ({ body, images }, index, dueMs) => {
    const lateMs = performance.now() - dueMs;
    lateMaxMs = Math.max(lateMaxMs, lateMs);
    try {
      const { firstMs, lastMs: whole, tokens, stages } = await client.ask(body);
      const times = { ttftMs: lateMs + firstMs, wholeMs: lateMs + whole };
      const endedMs = dueMs - startMs + times.wholeMs;
      answers.push({ index, images, tokens, ...times, endedMs, ...stageTimes(stages) });
    } catch (thrown) {
      failed.push(String(thrown));
    }
    lastMs = Math.max(lastMs, performance.now());
  };
  await all(send, startMs);
  client.close();
  return { answers, failed, lastedMs: lastMs - startMs, lateMaxMs };
};

/** Each request has the stack to itself. */
export const replayAlone = async (
  baseUrl: string,
  requests: readonly TracedRequest[],
): Promise<readonly TimedAnswer[]> => {
  const answers: TimedAnswer[] = [];
  for (const request of requests) {
    answers.push(...(await replay(baseUrl, [request], [0])).answers);
  }
  return answers;
};

const until = async (dueMs: number): Promise<void> => {
  for (;;) {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, leftMs));
  }
};

const warmLanes = 6;

/** Small requests, many: what event loops do has to be compiled, and takes several times as long before. */
export const warmUp = async (baseUrl: string, text: TextModel, seconds: number): Promise<void> => {
  const small: readonly RequestShape[] = [
    ...[1, 2, 3, 5, 8, 13].map((answerTokens) => ({ images: 0, words: 4, answerTokens })),
    { images: 1, words: 4, answerTokens: 2 },
  ];
  const endMs = performance.now() + 1000 * seconds;
  const lane = async (_: unknown, seed: number): Promise<void> => {
    while (performance.now() < endMs) {
      await replayAlone(baseUrl, await tracedRequests(text, small, seededRandom(seed)));
    }
  };
  await Promise.all(Array.from({ length: warmLanes }, lane));
};

/** What the router says of the stages. */
const stageTimes = (stages: readonly StageFacts[]) => {
  const sum = (name: string, timeOf: (facts: StageFacts) => number): number =>
    stages.reduce((all, each) => all + (each.stage === name ? timeOf(each) : 0), 0);
  return {
    encodeMs: sum('encode', ({ queue_ms, engine_ms }) => queue_ms + engine_ms),
    prefillMs: sum('prefill', ({ engine_ms }) => engine_ms),
    decodeMs: sum('decode', ({ engine_ms }) => engine_ms),
  };
};
