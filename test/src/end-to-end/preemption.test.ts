import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, withoutCaches } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { living, stageStatus, untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { describeWithRedis } from '../harness/redis.ts';

const asked = fixtureQuestions().slice(0, 12);
const endMark = 2;
const kvBytesPerToken = 2048;
/** Three sequences of up to 96 tokens: that many begin together, and grow out of it. */
const kvBytesMax = 3 * 96 * kvBytesPerToken;

await describeWithRedis('decode whose KV memory runs out', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: withoutCaches,
      settingsOf: { decode: { ISOTHERM_KV_BYTES_MAX: String(kvBytesMax) } },
    });
  });
  afterAll(() => deployment.close());

  const decodeLoad = async () => {
    const [decode] = living(deployment, 'decode');
    return (await stageStatus(deployment, decode?.ready.address ?? '')).load;
  };

  it('preempts, recomputes, and says what it says to one at a time', async () => {
    const ask = async (
      { bytes, question: text }: (typeof asked)[number],
      seed: number,
    ): Promise<string> => {
      // Drawn and kept from ending, so that answers differ and are long.
      const fields = { max_tokens: 60, temperature: 1, seed, logit_bias: { [endMark]: -100 } };
      const { choices, isotherm } = await completionOf(
        deployment.stack.http,
        question([bytes], text, fields),
      );
      moved += isotherm.migrations;
      return choices[0].message.content;
    };
    let moved = 0;
    const together = await mapInFlight(asked, asked.length, ask);
    const load = await decodeLoad();
    expect(load?.preemptions).toBeGreaterThan(0);
    expect(moved).toBe(load?.preemptions);
    expect(load?.kvBytesMax).toBe(kvBytesMax);
    expect(await mapInFlight(asked, 1, ask)).toEqual(together);
    await untilIdle(deployment);
    expect(await decodeLoad()).toMatchObject({ kvBytes: 0 });
  }, 60_000);
});
