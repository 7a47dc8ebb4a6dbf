/** The load generator as a process of its own: a closed loop of equal requests; says what came of them in one line. */
import { createChatClient } from '../client/chat-client.ts';
import { round, summarize, type Summary } from '../report/percentiles.ts';

export interface LoadOrder {
  readonly baseUrl: string;
  readonly body: string;
  readonly concurrency: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface LoadOutcome {
  /** Answers within the measured time, and with those before and after it. */
  readonly completed: number;
  readonly answered: number;
  readonly failed: number;
  readonly requestsPerS: number;
  /** Of whole answers, in milliseconds. */
  readonly answerMs: Summary;
  /** Processor time of the generator itself for each answer, in milliseconds. */
  readonly ownCpuMsPerRequest: number;
}

const run = async (order: LoadOrder): Promise<LoadOutcome> => {
  const { baseUrl, body, concurrency, warmMs, measureMs } = order;
  const client = createChatClient({ baseUrl, connectionsMax: concurrency });
  const startMs = performance.now() + warmMs;
  const endMs = startMs + measureMs;
  const cpu = process.cpuUsage();
  const answersMs: number[] = [];
  let answered = 0;
  let failed = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < endMs) {
      try {
        const tookMs = await client.time(body);
        answered += 1;
        const nowMs = performance.now();
        if (nowMs >= startMs && nowMs < endMs) answersMs.push(tookMs);
      } catch {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  client.close();
  const { user, system } = process.cpuUsage(cpu);
  return {
    completed: answersMs.length,
    answered,
    failed,
    requestsPerS: round((answersMs.length / measureMs) * 1000),
    answerMs: summarize(answersMs),
    ownCpuMsPerRequest: round((user + system) / 1000 / Math.max(1, answered)),
  };
};

process.once('message', (order: LoadOrder) => {
  void run(order).then((outcome) => process.send?.(outcome, () => process.disconnect()));
});
