import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { imagePart, postChat, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { badPictures, goodPicture, imageBytesMax, oddPictures } from './pictures.ts';
import { expectHttpRefusal, expectRefusal } from './refusals.ts';

const bad = await badPictures();
const odd = await oddPictures();

const bodyWith = (bytes: Uint8Array, type: string): object => ({
  messages: [{ role: 'user', content: [textPart('What is this?'), imagePart(bytes, type)] }],
  max_tokens: 4,
});

await describeWithRedis('a picture', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: { ISOTHERM_IMAGE_BYTES_MAX: String(imageBytesMax) },
    });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

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

/** What an honest client would declare, so that the type is not what the picture is refused for. */
const typeOf = (bytes: Uint8Array): string => {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('GIF')) return 'image/gif';
  if (start.startsWith('RIFF')) return 'image/webp';
  return start.startsWith('\xff\xd8') ? 'image/jpeg' : 'image/png';
};
