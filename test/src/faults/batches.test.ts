import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { GenerateRequestInput } from '@isotherm/proto';
import { batchClient } from '../harness/batches.ts';
import { type Deployment, deploy, profileEngine, quickToNotice } from '../harness/deployment.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { pictureRequests } from './flight.ts';

/** What an instance takes for the last job of a dead router and for the lane to give its item again, with room. */
const survivedMsMax = 60_000;
const requests = pictureRequests(40, 12);
const unknownModel = { model: 'gpt-5', messages: requests[0]?.messages ?? [] };

await describeWithRedis('a batch', { own: false }, (redis) => {
  let deployment: Deployment;
  let client: ReturnType<typeof batchClient>;
  const text = (content: string, fields: GenerateRequestInput = {}): GenerateRequestInput => ({
    ...{ messages: [{ role: 'user', parts: [{ text: content }] }], maxTokens: 4 },
    ...fields,
  });

  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { router: 2 },
      settings: {
        ...quickToNotice,
        ...profileEngine({ encodeBatchMs: 20, batchMax: 4, decodeStepMs: 20 }),
        ISOTHERM_BATCHES_MAX: '8',
        ISOTHERM_TENANT_BATCHES_MAX: '6',
        ISOTHERM_BATCH_ITEMS_MAX: '100',
      },
    });
    client = batchClient(deployment);
  });
  afterAll(() => deployment.close());

  it('is answered request by request, each with its own result or error', async () => {
    const sent = [text('one'), unknownModel, text('two', { topLogprobs: 1, temperature: 1 })];
    const { batch, known } = await client.submit('small', sent);
    expect([batch?.batchId, batch?.requests, known]).toEqual(['small', 3, false]);
    await client.until('small', ({ state }) => state === 'completed');
    const results = await client.results('small');
    expect(results.map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, 'answer'],
      [1, 'failure'],
      [2, 'answer'],
    ]);
    const [one, failed, two] = results;
    expect(one?.answer?.text).toBe(await profileAnswer(text('one')));
    expect(one?.answer?.finished).toMatchObject({ finishReason: 'length', model: 'profile' });
    expect(one?.requestId).toBe(one?.answer?.finished?.requestId);
    expect(failed?.failure).toMatchObject({ code: 'unknown_model', param: 'model' });
    expect(two?.answer?.logprobs).toHaveLength(4);
    expect((await client.page('small')).batch).toMatchObject({ answered: 2, failed: 1 });
  });

  it('is the same batch when it is submitted again, and no other under its name', async () => {
    const again = await client.submit('small', [
      ...[text('one'), unknownModel, text('two', { topLogprobs: 1, temperature: 1 })],
    ]);
    expect([again.known, again.batch?.state]).toEqual([true, 'completed']);
    await expect(client.submit('small', [text('other')])).rejects.toMatchObject({
      ...{ code: 'invalid_argument', param: 'batch_id' },
    });
  });

  it.each([
    ['without requests', 'x', [], 'requests'],
    [
      'with a malformed request',
      'x',
      [text('a'), text('b', { temperature: 3 })],
      'requests[1].temperature',
    ],
    ['with a name that is none', 'a/b', [text('a')], 'batch_id'],
    ['with too many requests', 'x', Array.from({ length: 101 }, () => text('a')), 'requests'],
  ])('is refused %s', async (_, name, sent, param) => {
    const refused = client.submit(name, sent);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_argument', param });
    await expect(client.page('x')).rejects.toMatchObject({ code: 'not_found', param: 'batch_id' });
  });

  it('is there for its tenant alone', async () => {
    const other = batchClient(deployment, 'other');
    for (const name of ['theirs', 'small']) await other.submit(name, [text('one')]);
    const gone = { code: 'not_found', param: 'batch_id' };
    await expect(client.page('theirs')).rejects.toMatchObject(gone);
    await expect(client.cancel('theirs')).rejects.toMatchObject(gone);
    // The same name is another batch there, and the other tenant's is untouched.
    expect((await other.page('small')).batch).toMatchObject({ batchId: 'small', requests: 1 });
    expect((await client.page('small')).batch).toMatchObject({ requests: 3 });
    await other.until('theirs', ({ state }) => state === 'completed');
    expect((await other.results('theirs'))[0]?.answer?.text).toBe(await profileAnswer(text('one')));
  });

  it('that is cancelled keeps what it has, and lets go of the rest', async () => {
    const long = Array.from({ length: 30 }, () => text('go on', { maxTokens: 60 }));
    await client.submit('cancelled', long);
    await client.until('cancelled', ({ answered }) => answered > 0);
    const { batch } = await client.cancel('cancelled');
    expect(batch).toMatchObject({ state: 'cancelled', requests: 30, failed: 0 });
    await untilIdle(deployment);
    const results = await client.results('cancelled');
    expect(results).toHaveLength(batch?.answered ?? 0);
    expect((await client.page('cancelled')).batch?.answered).toBeLessThan(30);
  });

  it(
    'goes on when every router has been killed, and has each answer once',
    async () => {
      const texts = await Promise.all(requests.map(profileAnswer));
      await client.submit('survivor', [...requests]);
      await client.until('survivor', ({ answered }) => answered > 2);
      const before = await client.results('survivor');
      for (const router of living(deployment, 'router')) {
        router.kill('SIGKILL');
        await router.exited;
      }
      await deployment.stack.add('router');
      await client.until('survivor', ({ state }) => state === 'completed', survivedMsMax);
      const results = await client.results('survivor');
      expect(results.map(({ index }) => index)).toEqual([...requests.keys()]);
      expect(results.map(({ answer }) => answer?.text)).toEqual(texts);
      // What was answered before is not answered again.
      const had = before.map(({ requestId }) => requestId);
      expect(results.map(({ requestId }) => requestId)).toEqual(expect.arrayContaining(had));
      await untilIdle(deployment);
    },
    survivedMsMax + 30_000,
  );

  it('is refused where there is no room, in as many words', async () => {
    for (const name of ['d', 'e', 'f']) await client.submit(name, [text(name)]);
    const third = batchClient(deployment, 'third');
    await expect(third.submit('g', [text('g')])).rejects.toThrow(/8 batches already/);
    await expect(third.submit('g', [text('g')])).rejects.toMatchObject({ code: 'saturated' });
    await expect(client.submit('g', [text('g')])).rejects.toThrow(/tenant has 6 batches already/);
  });
});
