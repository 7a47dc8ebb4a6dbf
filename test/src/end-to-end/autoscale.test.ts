import { type AutoscaleOptions, keepScaled, type PoolPlan } from '@isotherm/cli/autoscale';
import { linearProfile, type ProfileEntry } from '@isotherm/kernel';
import type { ServiceName, ServiceProcess } from '@isotherm/stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { outcomeOf, pictureRequests } from '../faults/flight.ts';
import { type Deployment, deploy, profileEngine, withoutCaches } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

const times = { encodeMediumMs: 60, batchMax: 1, decodeStepMs: 10, decodeSequenceMs: 5, slots: 4 };

const entryOf = (
  stage: ProfileEntry['stage'],
  batchMax: number,
  cost: Parameters<typeof linearProfile>[1],
): ProfileEntry => {
  const about = { stage, model: 'profile', hardware: 'none', gpus: 0, precision: 'none' };
  return {
    ...linearProfile({ ...about, batchMax, source: 'this test' }, cost),
    ...{ name: stage, startS: 1, load: [] },
  };
};

/** What a stage does while all of its time is taken is more than it does within these targets. */
const plans: readonly PoolPlan[] = [
  {
    ...{ service: 'encoder', tokens: 36, targetMs: 200 },
    entry: entryOf('encode', 1, { eachMs: times.encodeMediumMs }),
  },
  {
    ...{
      service: 'decode',
      tokens: 100,
      targetMs: times.decodeStepMs + 2 * times.decodeSequenceMs,
    },
    entry: entryOf('decode', times.slots, {
      ...{ fixedMs: times.decodeStepMs, eachMs: times.decodeSequenceMs },
    }),
  },
];
const options: AutoscaleOptions = {
  plans,
  counts: { encoder: 1, prefill: 1, decode: 1 },
  ...{ everyS: 1, replicasMax: 3, metricsPort: 0, gpusEach: 1 },
};
const requests = pictureRequests(20, 24);
const scaleMsMax = 60_000;

/** Asks one request after the other, so many at a time as `lines` says, until stopped; gives what was wrong. */
const steadyStream = (deployment: Deployment, texts: readonly string[]) => {
  const stream = { lines: 1, stopped: false, answered: 0 };
  const wrong: string[] = [];
  let next = 0;
  const line = async (own: number): Promise<void> => {
    while (!stream.stopped) {
      if (own >= stream.lines) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      const at = next++ % requests.length;
      const outcome = outcomeOf(await generate(deployment, requests[at] ?? {}));
      if (outcome !== texts[at]) wrong.push(`${at}: ${outcome}`);
      stream.answered += 1;
    }
  };
  const ended = Promise.all(Array.from({ length: 12 }, (_, own) => line(own)));
  return { stream, wrong, ended };
};

await describeWithRedis('instances that follow the load', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      settings: { ...withoutCaches, ...profileEngine(times) },
    });
  });
  afterAll(() => deployment.close());

  it(
    'come and go under a steady stream: every request is answered, with the same text',
    async () => {
      const { stack } = deployment;
      const stop = new AbortController();
      const added: ServiceProcess[] = [];
      const system = {
        where: () => stack,
        replace: (service: string) => stack.add(service as ServiceName),
        starting: (service: string) => stack.adding(service as ServiceName),
        thermal: () => '',
      };
      const scaled = keepScaled(system, options, {
        ...{ show: () => undefined, signal: stop.signal },
        added: (process) => void added.push(process),
      });
      const count = (service: ServiceName): number => living(deployment, service).length;
      const { stream, wrong, ended } = steadyStream(deployment, texts);
      try {
        stream.lines = 12;
        const grown = (): boolean => count('encoder') > 1 && count('decode') > 1;
        await until('more encoders and decoders', grown, scaleMsMax);
        stream.lines = 1;
        const shrunk = (): boolean => count('encoder') === 1 && count('decode') === 1;
        await until('as few as at the start', shrunk, scaleMsMax);
      } finally {
        stream.stopped = true;
        await ended;
        stop.abort();
        await scaled;
      }
      expect(wrong).toEqual([]);
      expect(stream.answered).toBeGreaterThan(requests.length);
      expect(added.length).toBeGreaterThanOrEqual(2);
      // Drained, not killed: whoever watches them starts none of them again.
      const gone = stack.instances('encoder').concat(stack.instances('decode'));
      const codes = gone.filter((one) => !one.alive()).map((one) => one.exited);
      expect(new Set(await Promise.all(codes))).toEqual(new Set([0]));
      await untilIdle(deployment);
    },
    3 * scaleMsMax,
  );
});
