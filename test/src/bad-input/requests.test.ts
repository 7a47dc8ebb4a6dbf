import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imagePart, postChat, question, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { badPictures, goodPicture, imageBytesMax, oddPictures } from './pictures.ts';
import { expectHttpRefusal, expectRefusal } from './refusals.ts';
import { bodyBytesMax, imagesMax, refusedBodies } from './refused-bodies.ts';
import { refusedCalls } from './refused-calls.ts';

const bad = await badPictures();
const odd = await oddPictures();

const bodyWith = (bytes: Uint8Array, type: string): object => ({
  messages: [{ role: 'user', content: [textPart('What is this?'), imagePart(bytes, type)] }],
  max_tokens: 4,
});

await describeWithRedis('what a client sends', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: {
        ISOTHERM_IMAGE_BYTES_MAX: String(imageBytesMax),
        ISOTHERM_IMAGES_MAX: String(imagesMax),
        ISOTHERM_BODY_BYTES_MAX: String(bodyBytesMax),
      },
    });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  describe('a request', () => {
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

  describe('a picture', () => {
    describe('that is refused: ', () => {
      it.each(bad)('$name, over HTTP', async ({ bytes, code, message }) => {
        const outcome = await postChat(deployment.stack.http, bodyWith(bytes, typeOf(bytes)));
        expectHttpRefusal(outcome, {
          code,
          message,
          param: 'messages[0].content[1].image_url.url',
        });
      });

      it.each(bad)('$name, over gRPC', async ({ bytes, code, message }) => {
        const parts = [{ text: 'What is this?' }, { image: bytes }];
        const answer = await generate(deployment, { messages: [{ role: 'user', parts }] });
        expectRefusal(answer, { code, message, param: 'messages[0].parts[1]' });
      });

      it('one that is declared as another type', async () => {
        const outcome = await postChat(
          deployment.stack.http,
          bodyWith(await goodPicture(), 'image/jpeg'),
        );
        expectHttpRefusal(outcome, {
          code: 'invalid_argument',
          message: /declared as "image\/jpeg" but is image\/png/,
          param: 'messages[0].content[1].image_url.url',
        });
      });
    });

    describe('that is unusual, and works: ', () => {
      it.each(odd)('$name', async ({ bytes, type }) => {
        const outcome = await postChat(deployment.stack.http, bodyWith(bytes, type));
        expect(outcome.kind).toBe('completed');
      });
    });
  });
});

/** What an honest client would declare, so that the type is not what the picture is refused for. */
const typeOf = (bytes: Uint8Array): string => {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('GIF')) return 'image/gif';
  if (start.startsWith('RIFF')) return 'image/webp';
  return start.startsWith('\xff\xd8') ? 'image/jpeg' : 'image/png';
};
