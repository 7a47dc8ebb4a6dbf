import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import type { ProvidedRedis } from '../harness/own-redis.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { within } from '../harness/until.ts';
import { launch, pictureRequests } from './flight.ts';

const burst = 200;
const requests = pictureRequests(burst, 12);
/** Half come through each door. */
const overGrpc = requests.slice(0, burst / 2);
const overHttp = fixtureQuestions().slice(burst / 2, burst);
const endMsMax = 25_000;
const refusals = ['saturated', 'rate_limited', 'unavailable', 'deadline_exceeded'];

/** Texts of those that were answered, codes of those that were refused; throws when one has no end. */
const askAllAtOnce = async (deployment: Deployment): Promise<readonly string[]> => {
  const grpc = launch(deployment, overGrpc).answers;
  const http = overHttp.map(async ({ bytes, question: text }, index) => {
    const body = question([bytes], `${index + burst / 2}: ${text}`, { max_tokens: 12 });
    const outcome = await postChat(deployment.stack.http, body);
    return outcome.kind === 'completed'
      ? outcome.completion.choices[0].message.content
      : outcome.error.code;
  });
  const answers = await within('the end of all', endMsMax, Promise.all([grpc, ...http]));
  const [first, ...rest] = answers;
  return [
    ...first.map((answer) => (answer.kind === 'answered' ? answer.text : answer.fault.code)),
    ...rest,
  ];
};

const describeBurst = (
  title: string,
  redis: ProvidedRedis,
  settings: Readonly<Record<string, string>>,
  answeredMin: number,
): void => {
  describe(title, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      const profile = profileEngine({ encodeBatchMs: 40, prefillPromptMs: 2, decodeStepMs: 2 });
      deployment = await deploy({ redisUrl: redis.url, settings: { ...settings, ...profile } });
    });
    afterAll(() => deployment.close());

    it('every one is answered right or refused by name; none is lost, none hangs', async () => {
      const texts = await Promise.all(requests.map(profileAnswer));
      const ends = await askAllAtOnce(deployment);
      expect(ends).toHaveLength(burst);
      const answered = ends.filter((end, index) => end === texts[index]);
      const refused = ends.filter((end) => refusals.includes(end));
      expect(answered.length + refused.length).toBe(burst);
      expect(answered.length).toBeGreaterThanOrEqual(answeredMin);
      await untilIdle(deployment);
    });
  });
};

await describeWithRedis(
  `${burst} requests with pictures at the same instant and one encoder`,
  { own: false },
  (redis) => {
    describeBurst('with room for all', redis, {}, burst);
    describeBurst('with room for few', redis, { ISOTHERM_REQUESTS_MAX: '32' }, 32);
  },
);
