import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Deployment, deploy, profileEngine, quickToNotice } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, routerStatus, stageStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, launch, pictureRequests } from './flight.ts';

const [request] = pictureRequests(1, 40);
if (request === undefined) throw new Error('There is a picture.');

await describeWithRedis(
  'kill -9 of the encoder that holds a cached embedding',
  { own: false },
  (redis) => {
    let deployment: Deployment;
    let text: string;

    const encoderWithCache = async () => {
      for (const encoder of living(deployment, 'encoder')) {
        const { load } = await stageStatus(deployment, encoder.ready.address);
        if ((load?.cache?.entries ?? 0) > 0) return encoder;
      }
      return undefined;
    };
    const keysKnown = async (): Promise<number> => {
      const [router] = living(deployment, 'router');
      const status = await routerStatus(deployment, router?.ready.address ?? '');
      const encoders = status.instances.filter(({ stage }) => stage === 'encode');
      return encoders.reduce((sum, { cache }) => sum + (cache?.keysKnown ?? 0), 0);
    };

    beforeAll(async () => {
      text = await profileAnswer(request);
      deployment = await deploy({
        redisUrl: redis.url,
        shape: { encoder: 2 },
        settings: { ...quickToNotice, ...profileEngine({ encodeBatchMs: 20, decodeStepMs: 5 }) },
      });
    });
    afterAll(() => deployment.close());

    it('leases it while it lives, and answers all the same once it does not', async () => {
      expectTexts([await generate(deployment, request)], [text]);
      const again = await generate(deployment, request);
      expectTexts([again], [text]);
      const encoded =
        again.kind === 'answered'
          ? again.finished.stages.filter(({ stage }) => stage === 'encode')
          : [];
      expect(encoded.map(({ cachedTokens, tokens }) => cachedTokens === tokens)).toEqual([true]);
      expect(await keysKnown()).toBe(1);
      const victim = await encoderWithCache();
      expect(encoded[0]?.instanceId).toBe(String(victim?.ready['instance']));
      victim?.kill('SIGKILL');
      // The router may not have noticed yet: some of these will ask the dead for what it held.
      const flight = launch(deployment, new Array<typeof request>(8).fill(request));
      expectTexts(await flight.answers, new Array<string>(8).fill(text));
      await untilIdle(deployment);
    });

    it('does the work once for all who asked for it meanwhile, and forgets what died', async () => {
      const holder = await encoderWithCache();
      const { load } = await stageStatus(deployment, holder?.ready.address ?? '');
      const { misses = 0, hits = 0, coalesced = 0 } = load?.cache ?? {};
      expect(misses).toBe(1);
      expect(hits + coalesced).toBe(7);
      holder?.kill('SIGKILL');
      await until('the router has forgotten', async () => (await keysKnown()) === 0);
      await deployment.stack.add('encoder');
      expect(await encoderWithCache()).toBeUndefined();
      expectTexts([await generate(deployment, request)], [text]);
      await untilIdle(deployment);
    });
  },
);
