import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { instanceId, type Random, seededRandom } from '@isotherm/kernel';
import { laneName, redisFabric } from '@isotherm/lanes';
import { instancesOf, type StageService, stageServices } from '@isotherm/stack';
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
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { residentBytes } from '../harness/resident-bytes.ts';
import { pictureRequests } from '../faults/flight.ts';

/** The long form: ISOTHERM_STORM_REQUESTS=100000 npm test -- --no-check test/dist/soak/abort-storm */
const requestsTotal = Number(process.env['ISOTHERM_STORM_REQUESTS'] ?? '900');
const isLong = requestsTotal >= 20_000;
const inFlight = 48;
const abortShare = 0.3;
/** Milliseconds after which a client leaves, at most: about as long as an answer takes. */
const leaveMsMax = 120;
/** An instance is killed after so many requests. */
const killEvery = isLong ? 1000 : 90;
/**
 * What may have grown between the first third and the end: a tenth; in the short form, in which the allocator has not
 * seen its share of requests yet, so many bytes.
 */
const growth = { share: 1.1, bytes: 96 << 20 } as const;
/** How much more than its part one of two instances may get of a third of the requests. */
const shareMax = isLong ? 1.1 : 1.3;
const explicit = ['unavailable', 'saturated', 'rate_limited'];
const asked = pictureRequests(60, 16);

type End = 'answered' | 'left' | 'refused' | 'wrong';

await describeWithRedis('a storm of requests, aborts and deaths', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];
  const random = seededRandom(2026);
  const prefix = `isotherm-storm-${process.pid}`;

  beforeAll(async () => {
    texts = await Promise.all(asked.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 2, prefill: 2, decode: 2 },
      settings: {
        ...quickToNotice,
        ...withoutCaches,
        ISOTHERM_PREFIX: prefix,
        ...profileEngine({ encodeBatchMs: 4, prefillPromptMs: 1, decodeStepMs: 2 }),
      },
    });
  });
  afterAll(() => deployment.close());

  const ask = async (index: number, leaveMs: number | undefined): Promise<End> => {
    const request = asked[index];
    if (request === undefined) throw new Error('There is no such request.');
    const signal = leaveMs === undefined ? undefined : AbortSignal.timeout(leaveMs);
    const answer = await generate(deployment, request, signal === undefined ? {} : { signal });
    if (answer.kind === 'answered') return answer.text === texts[index] ? 'answered' : 'wrong';
    if (texts[index]?.startsWith(answer.text) !== true) return 'wrong';
    if (signal?.aborted === true) return 'left';
    return explicit.includes(answer.fault.code) ? 'refused' : 'wrong';
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

  /** Of the largest process of each service. */
  const resident = (): readonly number[] =>
    (['router', ...stageServices] as const).map((service) =>
      Math.max(...living(deployment, service).map(({ pid }) => residentBytes(pid))),
    );
  const jobsOf = (service: StageService): Promise<readonly number[]> =>
    Promise.all(
      living(deployment, service).map(async ({ ready }) => {
        const { jobsFinished, jobsFailed } = await stageStatus(deployment, ready.address);
        return jobsFinished + jobsFailed;
      }),
    );
  const lanesDepth = async (): Promise<number> => {
    const fabric = await redisFabric({ url: redis.url, prefix });
    const lanes = stageServices.flatMap((service) =>
      deployment.stack.instances(service).flatMap(instancesOf),
    );
    const depths = lanes.map(({ stage, instance }) =>
      fabric.lanes.sender(laneName(stageNamed(stage), instanceId(instance))).depth(),
    );
    const sum = (await Promise.all(depths)).reduce((total, depth) => total + depth, 0);
    await fabric.close();
    return sum;
  };

  it(
    `${requestsTotal} of them leave no booking, lease or job, no memory, and no favourite`,
    async () => {
      const third = Math.ceil(requestsTotal / 3);
      const first = await storm(third, true);
      await untilIdle(deployment, 10_000);
      const before = resident();
      const second = await storm(third, true);
      await untilIdle(deployment, 10_000);
      expect(await lanesDepth()).toBe(0);
      // Whatever died before: what comes now is shared evenly.
      const jobsBefore = await Promise.all(stageServices.map(jobsOf));
      const last = await storm(third, false);
      await untilIdle(deployment, 10_000);
      const jobsAfter = await Promise.all(stageServices.map(jobsOf));
      expect(await lanesDepth()).toBe(0);

      const ends = [...first, ...second, ...last];
      const count = (end: End): number => ends.filter((one) => one === end).length;
      expect(count('wrong')).toBe(0);
      expect(count('left')).toBeGreaterThan(0.1 * requestsTotal);
      expect(count('refused')).toBeLessThan(0.01 * requestsTotal);
      const shares = jobsAfter.map((after, index) => {
        const done = after.map((jobs, each) => jobs - (jobsBefore[index]?.[each] ?? 0));
        const mean = done.reduce((total, jobs) => total + jobs, 0) / done.length;
        return Math.max(...done) / mean;
      });
      expect(Math.max(...shares)).toBeLessThan(shareMax);
      const after = resident();
      for (const [index, bytes] of after.entries()) {
        const was = before[index] ?? 0;
        expect(bytes).toBeLessThan(isLong ? was * growth.share : was + growth.bytes);
      }
      console.info(
        `storm: ${count('answered')} answered, ${count('left')} left, ${count('refused')} refused, ` +
          `${kills.length} killed; largest share ${Math.max(...shares).toFixed(2)} of the mean; MiB ` +
          `${before.map(mebibytes).join('/')} then ${after.map(mebibytes).join('/')}`,
      );
    },
    Math.max(120_000, requestsTotal * 30),
  );
});

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const pick = <Value>(random: Random, values: readonly Value[]): Value => {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
};

const stageNamed = (name: string): 'encode' | 'prefill' | 'decode' => {
  if (name === 'encode' || name === 'prefill' || name === 'decode') return name;
  throw new Error(`There is no stage ${name}.`);
};
