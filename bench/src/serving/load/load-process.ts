/** The load generator as a process of its own: takes orders one after the other, says what came of each. */
import { setMaxListeners } from 'node:events';
import { Agent } from 'node:http';
import { seededRandom } from '@isotherm/kernel';
import { percentile, round } from '../../report/percentiles.ts';
import { arrivalsMs } from './arrivals.ts';
import type { LoadMode, LoadOrder, LoadReport } from './load-order.ts';
import { meetsSlo, type RequestRecord } from './slo.ts';
import { type StreamOutcome, streamCall } from './stream-call.ts';
import { type PlannedRequest, planWorkload } from './workload.ts';

type Open = Extract<LoadMode, { readonly kind: 'open' }>;
type Closed = Extract<LoadMode, { readonly kind: 'closed' }>;

interface Run {
  readonly records: RequestRecord[];
  readonly lateMs: number[];
  readonly controller: AbortController;
  /** Sends a request that was due at a time, and keeps what came of it. */
  send(order: SendOrder): Promise<RequestRecord | undefined>;
}

interface SendOrder {
  readonly request: PlannedRequest;
  readonly index: number;
  readonly dueMs: number;
  onFirst?(): void;
}

const sweepMs = 50;

const createRun = ({ targets, timeoutMs }: LoadOrder, agent: Agent): Run => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const records: RequestRecord[] = [];
  const lateMs: number[] = [];
  return {
    records,
    lateMs,
    controller,
    send: async ({ request: { body, images }, index, dueMs, onFirst }) => {
      const { signal } = controller;
      const baseUrl = targets[index % targets.length] ?? '';
      lateMs.push(performance.now() - dueMs);
      const call = { baseUrl, body, agent, timeoutMs, signal };
      const outcome = await streamCall(onFirst === undefined ? call : { ...call, onFirst });
      if (signal.aborted) return undefined;
      const record = recordOf(outcome, { index, images, dueMs });
      records.push(record);
      return record;
    },
  };
};

const recordOf = (
  { text, tokens, firstMs, lastMs, error }: StreamOutcome,
  { index, images, dueMs }: { index: number; images: number; dueMs: number },
): RequestRecord => ({
  index,
  images,
  tokens,
  firstMs: round(firstMs - dueMs),
  perTokenMs: tokens > 1 ? round((lastMs - firstMs) / (tokens - 1)) : 0,
  totalMs: round(lastMs - dueMs),
  text,
  error,
});

const runOpen = async (
  mode: Open,
  requests: readonly PlannedRequest[],
  run: Run,
  seed: number,
): Promise<boolean> => {
  const { arrivals, ratePerS, stop } = mode;
  const dueAfterMs = arrivalsMs(arrivals, requests.length, ratePerS, seededRandom(seed));
  const startMs = performance.now() + 100;
  /** When each request under way will certainly have missed. */
  const limits = new Map<number, number>();
  const hopeless = (): boolean => {
    if (stop === undefined) return false;
    const nowMs = performance.now();
    const missed = run.records.filter((record) => !meetsSlo(record, stop.slo)).length;
    const overdue = [...limits.values()].filter((limitMs) => nowMs > limitMs).length;
    return missed + overdue > stop.missesMax;
  };
  const sweep = setInterval(() => {
    if (hopeless()) run.controller.abort();
  }, sweepMs);
  const sent: Promise<void>[] = [];
  for (const [index, request] of requests.entries()) {
    const dueMs = startMs + (dueAfterMs[index] ?? 0);
    await until(dueMs, run.controller.signal);
    if (run.controller.signal.aborted) break;
    const firstLimitMs = stop === undefined ? Infinity : stop.slo.firstMs;
    const restMs = (stop?.slo.perTokenMs ?? 0) * (request.tokensMax - 1);
    limits.set(index, dueMs + firstLimitMs);
    const onFirst = (): void => void limits.set(index, dueMs + firstLimitMs + restMs);
    sent.push(run.send({ request, index, dueMs, onFirst }).then(() => void limits.delete(index)));
  }
  await Promise.all(sent);
  clearInterval(sweep);
  return run.controller.signal.aborted;
};

/** Within the millisecond that timers have; turning the event loop for less would cost a core that is being measured. */
const until = async (dueMs: number, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0 || signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, sweepMs)));
  }
};

const runClosed = async (
  { concurrency, warmMs, measureMs }: Closed,
  requests: readonly PlannedRequest[],
  run: Run,
): Promise<{ readonly count: number; readonly tokens: number }> => {
  const startMs = performance.now() + warmMs;
  const endMs = startMs + measureMs;
  const measured = { count: 0, tokens: 0 };
  let next = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const index = next++;
      const request = requests[index % requests.length];
      if (request === undefined) return;
      const record = await run.send({ request, index, dueMs: performance.now() });
      const nowMs = performance.now();
      if (nowMs < startMs || record === undefined || record.error !== undefined) continue;
      measured.count += 1;
      measured.tokens += record.tokens;
    }
  };
  const loops = Array.from({ length: concurrency }, loop);
  const over = setTimeout(() => run.controller.abort(), warmMs + measureMs);
  await Promise.all(loops);
  clearTimeout(over);
  return measured;
};

interface Outcome {
  readonly stopped: boolean;
  /** What a closed loop counted in its measured time. */
  readonly measured?: { readonly count: number; readonly tokens: number };
}

const drive = async (
  mode: LoadMode,
  requests: readonly PlannedRequest[],
  run: Run,
  seed: number,
): Promise<Outcome> => {
  switch (mode.kind) {
    case 'open':
      return { stopped: await runOpen(mode, requests, run, seed) };
    case 'closed':
      return { stopped: false, measured: await runClosed(mode, requests, run) };
    case 'sequence':
      for (const [index, request] of requests.entries()) {
        await run.send({ request, index, dueMs: performance.now() });
      }
      return { stopped: false };
    default:
      return mode satisfies never;
  }
};

const obey = async (order: LoadOrder): Promise<LoadReport> => {
  const { mode, workload } = order;
  const requests = await planWorkload(workload);
  const agent = new Agent({ keepAlive: true });
  const run = createRun(order, agent);
  const startMs = performance.now();
  const { stopped, measured } = await drive(mode, requests, run, workload.seed);
  const seconds = (performance.now() - startMs) / 1000;
  agent.destroy();
  const tokens = run.records.reduce((sum, record) => sum + record.tokens, 0);
  const over = mode.kind === 'closed' ? mode.measureMs / 1000 : seconds;
  return {
    records: run.records,
    planned: requests.length,
    stopped,
    seconds: round(seconds),
    requestsPerS: round((measured?.count ?? run.records.length) / over),
    tokensPerS: round((measured?.tokens ?? tokens) / over),
    lateP99Ms: round(percentile(run.lateMs, 0.99)),
  };
};

let last: Promise<void> = Promise.resolve();
process.on('message', (order: LoadOrder) => {
  last = last.then(async () => {
    process.send?.(await obey(order));
  });
});
process.on('disconnect', () => process.exit());
