import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imagePart, postChat, question, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { goodPicture } from './pictures.ts';
import { expectHttpRefusal, expectRefusal } from './refusals.ts';
import { bodyBytesMax, imagesMax, refusedBodies } from './refused-bodies.ts';
import { refusedCalls } from './refused-calls.ts';

await describeWithRedis('a request', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: {
        ISOTHERM_IMAGES_MAX: String(imagesMax),
        ISOTHERM_BODY_BYTES_MAX: String(bodyBytesMax),
      },
    });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  describe('over HTTP is refused: ', () => {
    it.each(refusedBodies)('$name', async ({ body, headers, ...refusal }) => {
      const outcome = await postChat(deployment.stack.http, body, headers && { headers });
      expectHttpRefusal(outcome, refusal);
    });

    it.each([['POST', '/v1/completions']])(
      '%s %s is not there, and it says what is',
      async (method, path) => {
        const response = await fetch(`${deployment.stack.http}${path}`, { method });
        expect(response.status).toBe(404);
        const { error } = (await response.json()) as { error: { code: string; message: string } };
        expect(error.code).toBe('not_found');
        expect(error.message).toMatch(/POST \/v1\/chat\/completions/);
      },
    );

    it('one picture more than allowed, by the field of the first one too many', async () => {
      const picture = await goodPicture();
      const content = [
        ...Array.from({ length: imagesMax + 1 }, () => imagePart(picture, 'image/png')),
        textPart('Which one?'),
      ];
      const outcome = await postChat(deployment.stack.http, {
        messages: [{ role: 'user', content }],
      });
      expectHttpRefusal(outcome, {
        code: 'invalid_argument',
        param: `messages[0].content[${imagesMax}].image_url.url`,
        message: new RegExp(`${imagesMax} images; this one holds ${imagesMax + 1}`),
      });
    });
  });

  describe('over gRPC is refused: ', () => {
    it.each(refusedCalls)('$name', async ({ request, ...refusal }) => {
      expectRefusal(await generate(deployment, request), refusal);
    });
  });

  it('without a deadline, a model and a length is answered', async () => {
    const outcome = await postChat(deployment.stack.http, question([], 'hello'));
    expect(outcome.kind).toBe('completed');
  });
});
