import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Random, seededRandom } from '@isotherm/kernel';
import { createPeers, protos, ownConnectionOptions } from '@isotherm/rpc';
import { type ServiceName, type StageService, stageServices } from '@isotherm/stack';
import {
  type Deployment,
  deploy,
  profileEngine,
  quickToNotice,
  withoutCaches,
} from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { keysWithJobs } from '../harness/lane-keys.ts';
import { liveBytes } from '../harness/live-bytes.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { residentBytes } from '../harness/resident-bytes.ts';
import { until } from '../harness/until.ts';
import { pictureRequests } from '../faults/flight.ts';

/** The long form: ISOTHERM_STORM_REQUESTS=100000 npm test -- --no-check test/dist/soak/abort-storm */
const requestsTotal = Number(process.env['ISOTHERM_STORM_REQUESTS'] ?? '900');
const isLong = requestsTotal >= 20_000;
const inFlight = 48;
const abortShare = 0.3;
/**
 * Of clients. Node's HTTP/2 (nghttp2) closes a connection, and all streams on it, once a client has reset 1,000 streams
 * beyond 33 a second; what all clients of a storm reset together is more.
 */
const connections = 16;
/** Milliseconds after which a client leaves, at most: about as long as an answer takes. */
const leaveMsMax = 120;
/** An instance is killed after so many requests. */
const killEvery = isLong ? 1000 : 90;
/**
 * What a service may have grown by since it was warm: a tenth of what it still refers to. What is in RAM follows the
 * busiest moment that there was, as the allocator gives little back: it is bounded more widely. In the short form, which
 * is over before the caches of compiled code have seen their share, so many bytes.
 */
const growth = {
  live: { share: 1.1, bytes: 16 << 20 },
  resident: { share: 1.5, bytes: 96 << 20 },
} as const;
/** How much more than its part one of two instances may get of a third of the requests. */
const shareMax = isLong ? 1.1 : 1.3;
const explicit = ['unavailable', 'saturated', 'rate_limited'];
const asked = pictureRequests(60, 16);

type End = 'answered' | 'left' | 'refused' | 'wrong';

await describeWithRedis('a storm of requests, aborts and deaths', { own: false }, (redis) => {
  let deployment: Deployment;
  let clients: readonly Deployment[];
  let texts: readonly string[];
  const random = seededRandom(2026);
  const live = liveBytes();
  const prefix = `isotherm-storm-${process.pid}`;

  beforeAll(async () => {
    texts = await Promise.all(asked.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 2, prefill: 2, decode: 2 },
      settings: {
        ...quickToNotice,
        ...withoutCaches,
        ...live.settings,
        ISOTHERM_PREFIX: prefix,
        ...profileEngine({ encodeBatchMs: 4, prefillPromptMs: 1, decodeStepMs: 2 }),
      },
    });
    clients = Array.from({ length: connections }, () => clientOf(deployment));
  });
  afterAll(async () => {
    for (const { peers } of clients) peers.close();
    await deployment.close();
    live.close();
  });

  /** How often, by what was said. */
  const wrong = new Map<string, number>();

  const ask = async (index: number, leaveMs: number | undefined): Promise<End> => {
    const request = asked[index];
    if (request === undefined) throw new Error('There is no such request.');
    const signal = leaveMs === undefined ? undefined : AbortSignal.timeout(leaveMs);
    const client = pick(random, clients);
    const answer = await generate(client, request, signal === undefined ? {} : { signal });
    const right = texts[index] ?? '';
    const isRight =
      answer.kind === 'answered' ? answer.text === right : right.startsWith(answer.text);
    if (!isRight) {
      wrong.set('a text', (wrong.get('a text') ?? 0) + 1);
      return 'wrong';
    }
    if (answer.kind === 'answered') return 'answered';
    if (signal?.aborted === true) return 'left';
    if (explicit.includes(answer.fault.code)) return 'refused';
    const { code, message } = answer.fault;
    const why = `${code}: ${message}`.replaceAll(/[0-9a-f]{8}|\d+/g, '…');
    wrong.set(why, (wrong.get(why) ?? 0) + 1);
    return 'wrong';
  };

  const kills: Promise<unknown>[] = [];
  /** One at a time, so that there is always another one. */
  let killing: StageService | undefined;
  const killOne = (): void => {
    if (killing !== undefined) return;
    const service = pick(random, stageServices);
    const victim = pick(random, living(deployment, service));
    killing = service;
    victim.kill('SIGKILL');
    const back = victim.exited.then(() => deployment.stack.add(service));
    kills.push(back.finally(() => (killing = undefined)));
  };

  const storm = async (count: number, withDeaths: boolean): Promise<readonly End[]> => {
    const ends = await mapInFlight(Array.from({ length: count }), inFlight, (_, index) => {
      if (withDeaths && index % killEvery === killEvery - 1) killOne();
      const leaveMs = random() < abortShare ? Math.ceil(random() * leaveMsMax) : undefined;
      return ask(Math.floor(random() * asked.length), leaveMs);
    });
    await Promise.all(kills);
    return ends;
  };

  /** Of every process: what is still referred to, and what is in RAM after the garbage was collected. */
  const memoryOf = async (services: readonly ServiceName[]): Promise<readonly Memory[]> =>
    Promise.all(
      services.flatMap((service) =>
        living(deployment, service).map(async (process) => ({
          service,
          pid: process.pid,
          live: await live.of(process),
          resident: residentBytes(process.pid),
        })),
      ),
    );
  const jobsOf = (service: StageService): Promise<readonly number[]> =>
    Promise.all(
      living(deployment, service).map(async ({ ready }) => {
        const { jobsFinished, jobsFailed } = await stageStatus(deployment, ready.address);
        return jobsFinished + jobsFailed;
      }),
    );
  it(
    `${requestsTotal} of them leave no booking, lease or job, no memory, and no favourite`,
    async () => {
      const part = Math.ceil(requestsTotal / 6);
      const atRest = async (): Promise<void> => {
        await untilIdle(deployment, 10_000);
        // A job is acknowledged after its instance has let go of the request.
        let keys: readonly string[] = [];
        const noJobs = async (): Promise<boolean> => {
          keys = await keysWithJobs(redis.url, prefix);
          return keys.length === 0;
        };
        await until(() => `no job in any lane; there are ${keys.join(', ')}`, noJobs);
      };
      const first = await storm(2 * part, true);
      await atRest();
      const routerBefore = await memoryOf(['router']);
      const second = await storm(2 * part, true);
      await atRest();
      // Whatever died before: what comes now is shared evenly, and stages live long enough to be compared.
      const jobsBefore = await Promise.all(stageServices.map(jobsOf));
      const third = await storm(part, false);
      await atRest();
      const stagesBefore = await memoryOf(stageServices);
      const last = await storm(part, false);
      await atRest();
      const jobsAfter = await Promise.all(stageServices.map(jobsOf));
      const before = [...routerBefore, ...stagesBefore];
      const after = await memoryOf(['router', ...stageServices]);

      const ends = [...first, ...second, ...third, ...last];
      const count = (end: End): number => ends.filter((one) => one === end).length;
      const shares = jobsAfter.map((jobs, index) => largestShare(jobsBefore[index] ?? [], jobs));
      console.info(
        `storm: ${count('answered')} answered, ${count('left')} left, ${count('refused')} refused, ` +
          `${count('wrong')} wrong, ${kills.length} killed; largest shares ` +
          `${shares.map((share) => share.toFixed(3)).join('/')} of the mean\n` +
          after.map((is, index) => grown(before[index], is)).join('\n'),
      );
      expect([...wrong]).toEqual([]);
      expect(count('left')).toBeGreaterThan(0.1 * requestsTotal);
      expect(count('refused')).toBeLessThan(0.01 * requestsTotal);
      expect(Math.max(...shares)).toBeLessThan(shareMax);
      expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
      for (const [index, is] of after.entries()) {
        for (const kind of ['live', 'resident'] as const) {
          const was = before[index]?.[kind] ?? 0;
          const { share, bytes } = growth[kind];
          const most = isLong ? was * share : was + bytes;
          expect(is[kind]).toBeLessThan(most);
        }
      }
    },
    Math.max(120_000, requestsTotal * 60),
  );
});

/** Another client, with a connection of its own. */
const clientOf = (deployment: Deployment): Deployment => {
  const peers = createPeers();
  const { grpc: address } = deployment.stack;
  const { RouterService } = protos.isotherm.router.v1;
  const router = new RouterService(address, credentials.createInsecure(), ownConnectionOptions);
  const close = (): void => {
    router.close();
    peers.close();
  };
  return { ...deployment, peers: { ...peers, router: () => router, close } };
};

/** Of one process, in bytes. */
interface Memory {
  readonly service: ServiceName;
  readonly pid: number;
  readonly live: number;
  readonly resident: number;
}

/** What the busiest instance was given, as a multiple of the mean. */
const largestShare = (before: readonly number[], after: readonly number[]): number => {
  const done = after.map((jobs, each) => jobs - (before[each] ?? 0));
  const mean = done.reduce((total, jobs) => total + jobs, 0) / done.length;
  return Math.max(...done) / mean;
};

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const grown = (was: Memory | undefined, { service, live, resident }: Memory): string =>
  `  ${service}: live ${mebibytes(was?.live ?? 0)}, then ${mebibytes(live)} MiB; ` +
  `resident ${mebibytes(was?.resident ?? 0)}, then ${mebibytes(resident)} MiB`;

const pick = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
};
