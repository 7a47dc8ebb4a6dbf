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
  /** Live: how long its media were at the encoder, their waits too, and it in the other engines, its waits not counted. */
  readonly encodeMs?: number;
  readonly prefillMs?: number;
  readonly decodeMs?: number;
  /** Live: of the time to the first token, and of the rest, what was spent at no stage. */
  readonly firstRestMs?: number;
  readonly handOverMs?: number;
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
export const replay = async (
  baseUrl: string,
  requests: readonly TracedRequest[],
  atMs: readonly number[],
): Promise<Replayed> => {
  const client = createChatClient({ baseUrl, connectionsMax: Infinity });
  const answers: TimedAnswer[] = [];
  const failed: string[] = [];
  let lateMaxMs = 0;
  let lastMs = 0;
  const startMs = performance.now() + 50;
  const send = async ({ body, images }: TracedRequest, index: number): Promise<void> => {
    const lateMs = performance.now() - startMs - (atMs[index] ?? 0);
    lateMaxMs = Math.max(lateMaxMs, lateMs);
    try {
      const { firstMs, lastMs: whole, tokens, stages } = await client.ask(body);
      const times = { ttftMs: lateMs + firstMs, wholeMs: lateMs + whole };
      answers.push({ index, images, tokens, ...times, ...stageTimes(stages, times) });
    } catch (thrown) {
      failed.push(String(thrown));
    }
    lastMs = Math.max(lastMs, performance.now());
  };
  const sent: Promise<void>[] = [];
  for (const [index, request] of requests.entries()) {
    await until(startMs + (atMs[index] ?? 0));
    sent.push(send(request, index));
  }
  await Promise.all(sent);
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

/** What the router says of the stages, and what it leaves. */
const stageTimes = (
  stages: readonly StageFacts[],
  { ttftMs, wholeMs }: Pick<TimedAnswer, 'ttftMs' | 'wholeMs'>,
) => {
  const of = (name: string): readonly StageFacts[] => stages.filter(({ stage }) => stage === name);
  const thereMs = ({ queue_ms, engine_ms }: StageFacts): number => queue_ms + engine_ms;
  const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
  const encodes = of('encode').map(thereMs);
  const prompt = sum(of('prefill').map(thereMs));
  return {
    encodeMs: sum(encodes),
    prefillMs: sum(of('prefill').map(({ engine_ms }) => engine_ms)),
    decodeMs: sum(of('decode').map(({ engine_ms }) => engine_ms)),
    // Media of a request come together: the last of them has waited for all.
    firstRestMs: ttftMs - Math.max(0, ...encodes) - prompt,
    handOverMs: wholeMs - ttftMs - sum(of('decode').map(thereMs)),
  };
};
