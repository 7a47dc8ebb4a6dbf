import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { type ChatOutcome, imagePart, postChat, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { within } from '../harness/until.ts';
import { goodPicture } from './pictures.ts';

/** Give FC_SEED the seed that a failing run has printed to see the same inputs again. */
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
const answerMsMax = 5000;
const runs = { seed, numRuns: 120, endOnFailure: false };
const suiteMsMax = 60_000;

const json = fc.jsonValue({ maxDepth: 3 });
const messagePart = fc.oneof(
  fc.record({ type: fc.constant('text'), text: fc.oneof(fc.string(), json) }),
  fc.record({
    type: fc.constantFrom('image_url', 'input_audio'),
    image_url: fc.oneof(fc.record({ url: fc.oneof(fc.string(), fc.webUrl(), json) }), json),
  }),
  json,
);
const message = fc.record(
  {
    role: fc.oneof(fc.constantFrom('system', 'user', 'assistant', 'tool'), json),
    content: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(messagePart, { maxLength: 3 }),
      json,
    ),
  },
  { requiredKeys: [] },
);
/** Bodies that are nearly right, so that they get past the first check. */
const nearlyRight = fc
  .record(
    {
      messages: fc.oneof({ weight: 4, arbitrary: fc.array(message, { maxLength: 3 }) }, json),
      model: fc.oneof(fc.constantFrom('', 'panel'), json),
      temperature: fc.oneof(fc.double(), json),
      top_p: fc.oneof(fc.double(), json),
      seed: fc.oneof(fc.integer(), json),
      stop: json,
    },
    { requiredKeys: ['messages'] },
  )
  .map((body) => ({ ...body, max_tokens: 2 }));

const expectNoFailure = (outcome: ChatOutcome): void => {
  if (outcome.kind === 'completed') return;
  expect([400, 404, 413]).toContain(outcome.status);
  expect(outcome.error.message.length).toBeGreaterThan(8);
};

await describeWithRedis(`whatever is sent (FC_SEED=${seed})`, { own: false }, (redis) => {
  let deployment: Deployment;
  let files: readonly Buffer[];
  const post = (body: unknown): Promise<ChatOutcome> =>
    within('an answer', answerMsMax, postChat(deployment.stack.http, body));

  beforeAll(async () => {
    const picture = sharp(await goodPicture());
    const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const;
    files = await Promise.all(formats.map((format) => picture.clone().toFormat(format).toBuffer()));
    deployment = await deploy({ redisUrl: redis.url });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    for (const service of ['router', 'encoder', 'prefill', 'decode'] as const) {
      expect(living(deployment, service)).toHaveLength(1);
    }
    await deployment.close();
  });

  it(
    'as a body is answered or refused, never a failure and never a hang',
    async () => {
      const body = fc.oneof(fc.string(), fc.json(), nearlyRight);
      await fc.assert(
        fc.asyncProperty(body, async (sent) => expectNoFailure(await post(sent))),
        runs,
      );
    },
    suiteMsMax,
  );

  it(
    'as a picture is seen or refused, never a failure and never a hang',
    async () => {
      const broken = fc
        .record({
          file: fc.nat(5),
          keep: fc.double({ min: 0, max: 1, noNaN: true }),
          flips: fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { maxLength: 8 }),
        })
        .map(({ file, keep, flips }) => {
          const bytes = Buffer.from(files[file] ?? []);
          // Half of them stay whole: what is cut short seldom gets far.
          const kept = keep > 0.5 ? bytes : bytes.subarray(0, Math.ceil(bytes.length * 2 * keep));
          for (const { at, to } of flips) kept[at % Math.max(1, kept.length)] = to;
          return kept;
        });
      const bytes = fc.oneof(
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
        { weight: 4, arbitrary: broken },
      );
      await fc.assert(
        fc.asyncProperty(bytes, fc.boolean(), async (sent, overHttp) => {
          if (overHttp) {
            const content = [imagePart(sent, 'image/png'), textPart('What is this?')];
            return expectNoFailure(
              await post({ messages: [{ role: 'user', content }], max_tokens: 2 }),
            );
          }
          const parts = [{ image: sent }, { text: 'What is this?' }];
          const request = { messages: [{ role: 'user', parts }], maxTokens: 2 };
          const answer = await within('an answer', answerMsMax, generate(deployment, request));
          if (answer.kind === 'answered') return undefined;
          return expect(answer.fault.code).toBe('invalid_argument');
        }),
        runs,
      );
    },
    suiteMsMax,
  );
});
