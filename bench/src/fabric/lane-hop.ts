import { randomUUID } from 'node:crypto';
import { instanceId, jobId } from '@isotherm/kernel';
import { laneName, redisFabric } from '@isotherm/lanes';
import { summarize, type Summary } from '../report/percentiles.ts';

export interface LaneHopOptions {
  readonly redisUrl: string;
  readonly jobs: number;
  /** Jobs under way at once; 1 measures a hop, more measure what a lane carries. */
  readonly inFlight: number;
}

export interface LaneHop {
  /** From `add` to the first line of the handler, in milliseconds. */
  readonly hopMs: Summary;
  readonly jobsPerS: number;
}

/** Sends jobs through one lane between two fabrics (two sets of connections) of this process. */
export const measureLaneHop = async (options: LaneHopOptions): Promise<LaneHop> => {
  const { redisUrl: url, jobs, inFlight } = options;
  const prefix = `bench-${randomUUID().slice(0, 8)}`;
  const [sending, receiving] = [
    await redisFabric({ url, prefix }),
    await redisFabric({ url, prefix }),
  ];
  const lane = laneName('prefill', instanceId('bench'));
  const arrived = new Map<string, () => void>();
  await receiving.lanes.consume(lane, async ({ id }) => arrived.get(id)?.(), { concurrency: 64 });
  const sender = sending.lanes.sender<object>(lane);
  const hopsMs: number[] = [];
  const hop = async (): Promise<void> => {
    const id = jobId(randomUUID());
    const startMs = performance.now();
    const handled = new Promise<void>((resolve) => {
      arrived.set(id, () => {
        hopsMs.push(performance.now() - startMs);
        arrived.delete(id);
        resolve();
      });
    });
    await sender.add({ id, body });
    await handled;
  };
  for (let index = 0; index < warmHops; index++) await hop();
  hopsMs.length = 0;
  let left = jobs;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await hop();
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  await receiving.lanes.obliterate(lane);
  await Promise.all([sending.close(), receiving.close()]);
  return { hopMs: summarize(hopsMs), jobsPerS: Math.round(jobs / seconds) };
};

const warmHops = 20;

/** As large as a stage's command. */
const body = {
  jobId: randomUUID(),
  requestId: randomUUID(),
  routerId: 'router-00000000',
  model: 'profile',
  deadlineMs: 1_800_000_000_000,
  enqueuedMs: 1_800_000_000_000,
  kvCache: { leaseId: randomUUID(), address: '127.0.0.1:50000', bytes: 32_768, tokens: 16 },
};
