import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import { watchLoopDelay } from '@isotherm/runtime';
import type { ServiceName } from '@isotherm/stack';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, withoutCaches } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { residentBytes } from '../harness/resident-bytes.ts';

/** The long form: ISOTHERM_SOAK_REQUESTS=10000 npm test -- --no-check test/dist/soak */
const requests = Number(process.env['ISOTHERM_SOAK_REQUESTS'] ?? '300');
const inFlight = 48;
/** So few that sequences wait for memory, and are preempted now and then. */
const kvBytesMax = 8 * 96 * 2048;
const endMark = 2;
/**
 * What the event loop that is latest may be late by, in milliseconds, above this process's own: 99 of 100 turns in most
 * seconds, and in the worst second, which other work on the machine may well have spoilt. The bound of 20 ms is held by the
 * serving bench, alone on the machine; here other test files have their share of its cores.
 */
const loopDelayMs = { usual: 60, worst: 250 } as const;
/** Requests between two looks at the event loops. */
const lookEvery = 20;
/** Growth of a process between the first third and the end, in bytes: what an allocator may keep. */
const growthBytesMax = 96 << 20;
const stages = ['encoder', 'prefill', 'decode'] as const;
const services: readonly ServiceName[] = ['router', ...stages];
const asked = fixtureQuestions();

interface Asked {
  readonly body: object;
  /** Milliseconds after which the client leaves; undefined where it stays. */
  readonly leaveMs: number | undefined;
}

/** Texts, pictures and pairs of pictures; short and long answers, greedy and drawn; some clients leave. */
const randomRequest = (random: Random): Asked => {
  const below = (count: number): number => Math.floor(random() * count);
  const pictures = Array.from({ length: [0, 1, 1, 1, 2][below(5)] ?? 1 }, () =>
    below(asked.length),
  );
  const text = asked[below(asked.length)]?.question ?? '';
  const fields = {
    max_tokens: 1 + below(64),
    seed: below(1e6),
    temperature: below(2),
    ...(random() < 0.5 && { logit_bias: { [endMark]: -100 } }),
  };
  const bytes = pictures.flatMap((index) => asked[index]?.bytes ?? []);
  return { body: question(bytes, text, fields), leaveMs: random() < 0.15 ? below(60) : undefined };
};

await describeWithRedis('random mixtures of requests', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: withoutCaches,
      settingsOf: { decode: { ISOTHERM_KV_BYTES_MAX: String(kvBytesMax) } },
    });
  });
  afterAll(() => deployment.close());

  const resident = (): readonly number[] =>
    services.flatMap((name) => living(deployment, name).map(({ pid }) => residentBytes(pid)));
  const statuses = () =>
    Promise.all(
      stages
        .flatMap((name) => living(deployment, name))
        .map(({ ready }) => stageStatus(deployment, ready.address)),
    );

  const ask = async ({ body, leaveMs }: Asked): Promise<string> => {
    const signal = leaveMs === undefined ? undefined : AbortSignal.timeout(leaveMs);
    try {
      const init = signal === undefined ? {} : { signal };
      const outcome = await postChat(deployment.stack.http, body, init);
      return outcome.kind === 'completed' ? 'completed' : outcome.error.code;
    } catch (error) {
      if (signal?.aborted === true) return 'left';
      throw error;
    }
  };

  it(
    `${requests} of them leave nothing behind: no memory, no lease, no byte of KV cache`,
    async () => {
      const random = seededRandom(2026);
      const own = watchLoopDelay(1000);
      let before: readonly number[] = [];
      const lateMs: number[] = [];
      const outcomes = await mapInFlight(
        Array.from({ length: requests }, () => randomRequest(random)),
        inFlight,
        async (request, index) => {
          if (index === Math.floor(requests / 3)) before = resident();
          if (index % lookEvery === lookEvery - 1) {
            const late = (await statuses()).map(({ load }) => load?.loopDelayMs ?? 0);
            // On a machine with other work every loop is late, this process's too.
            lateMs.push(Math.max(...late) - own.p99Ms());
          }
          return ask(request);
        },
      );
      own.close();
      await untilIdle(deployment, 10_000);
      const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
      expect(count('completed') + count('left')).toBe(requests);
      expect(count('left')).toBeGreaterThan(requests / 20);
      lateMs.sort((a, b) => a - b);
      const usualMs = lateMs[Math.floor(lateMs.length / 2)] ?? Number.NaN;
      const worstMs = lateMs.at(-1) ?? Number.NaN;
      expect(usualMs).toBeLessThan(loopDelayMs.usual);
      expect(worstMs).toBeLessThan(loopDelayMs.worst);
      expect(deployment.logs.filter((line) => line.includes('event stream broke'))).toEqual([]);
      const grown = resident().map((bytes, index) => bytes - (before[index] ?? 0));
      expect(Math.max(...grown)).toBeLessThan(growthBytesMax);
      const [decode] = (await statuses()).filter(({ stage }) => stage === 'decode');
      console.info(
        `soak: ${count('completed')} completed, ${count('left')} left, ` +
          `${decode?.load?.preemptions} preempted; grown by ` +
          `${grown.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join('/')} MiB; ` +
          `loops late by ${usualMs.toFixed(1)} ms, at worst ${worstMs.toFixed(1)} ms`,
      );
    },
    Math.max(120_000, requests * 200),
  );
});
