import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { InstanceCache } from '@isotherm/proto';
import { type Completion, completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, withoutCaches } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, routerStatus, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';

const [first, second] = fixtureQuestions();
if (first === undefined || second === undefined) throw new Error('The fixture has pictures.');

const ask = (deployment: Deployment, { bytes }: { readonly bytes: Uint8Array }, text: string) =>
  completionOf(deployment.stack.http, question([bytes], text, { max_tokens: 24, temperature: 0 }));
const textOf = ({ choices: [{ message }] }: Completion): string => message.content;
const cachedOf = ({ usage, isotherm }: Completion) => ({
  prompt: usage.prompt_tokens_details.cached_tokens,
  encode: isotherm.stages.find(({ stage }) => stage === 'encode')?.cached_tokens,
});

await describeWithRedis('pictures and prompts that come again', { own: false }, (redis) => {
  let deployment: Deployment;
  let plain: Deployment;
  const cachesOf = async (): Promise<readonly InstanceCache[]> => {
    const [router] = living(deployment, 'router');
    const { instances } = await routerStatus(deployment, router?.ready.address ?? '');
    return instances.flatMap(({ cache }) => (cache === null ? [] : [cache]));
  };

  beforeAll(async () => {
    const settings = { ISOTHERM_PREFIX_BLOCK_TOKENS: '4' };
    [deployment, plain] = await Promise.all([
      deploy({ redisUrl: redis.url, settings }),
      deploy({ redisUrl: redis.url, settings: withoutCaches }),
    ]);
  });
  afterAll(() => Promise.all([deployment.close(), plain.close()]));

  it('are answered with the same text, and say how much was there already', async () => {
    const asked = [
      { picture: first, text: 'Where is it the hottest?' },
      { picture: first, text: 'Where is it the hottest?' },
      { picture: first, text: 'What is in the picture?' },
      { picture: second, text: 'Where is it the hottest?' },
    ];
    const cached = [];
    for (const { picture, text } of asked) {
      const completion = await ask(deployment, picture, text);
      const other = await ask(plain, picture, text);
      expect(textOf(completion)).toBe(textOf(other));
      expect(cachedOf(other)).toEqual({ prompt: 0, encode: 0 });
      cached.push({ ...cachedOf(completion), all: completion.usage.prompt_tokens });
    }
    const [cold, again, otherText, otherPicture] = cached;
    expect(cold).toMatchObject({ prompt: 0, encode: 0 });
    expect(again?.encode).toBe(36);
    // All whole blocks of the prompt but for its last token.
    expect(again?.prompt).toBe(Math.floor(((again?.all ?? 0) - 1) / 4) * 4);
    expect(otherText?.encode).toBe(36);
    expect(otherText?.prompt).toBeGreaterThanOrEqual(32);
    expect(otherPicture?.encode).toBe(0);
    expect(otherPicture?.prompt).toBeLessThan(8);
    await untilIdle(deployment);
  });

  it('are counted where the router can be asked', async () => {
    let caches: readonly InstanceCache[] = [];
    await until('both caches have told', async () => {
      caches = await cachesOf();
      return caches.every(({ hits, misses }) => hits + misses >= 4);
    });
    const [embeddings, prefixes] = ['embedding', 'prefix'].map((name) =>
      caches.find((cache) => cache.name === name),
    );
    expect(embeddings).toMatchObject({ hits: 2, misses: 2, entries: 2, keysKnown: 2 });
    expect(prefixes).toMatchObject({ hits: 2, misses: 2, evictions: 0 });
    expect(prefixes?.keysKnown).toBe(prefixes?.entries);
  });
});
