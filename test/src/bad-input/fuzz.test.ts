import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { type ChatOutcome, imagePart, postChat, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { mediaQuestions } from '../harness/media-fixture.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { within } from '../harness/until.ts';
import { mediaFile } from './hostile-media.ts';
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

/** A file cut short, with bytes of it changed, or both. */
const brokenFile = (file: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .record({
      file,
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { maxLength: 8 }),
    })
    .map(({ file: whole, keep, flips }) => {
      const bytes = Buffer.from(whole);
      // Half of them stay whole: what is cut short seldom gets far.
      const kept = keep > 0.5 ? bytes : bytes.subarray(0, Math.ceil(bytes.length * 2 * keep));
      for (const { at, to } of flips) kept[at % Math.max(1, kept.length)] = to;
      return kept;
    });

/** Sounds and clips in every format; MP4 and WebM are refused where there is no ffmpeg. */
const mediaFiles = [
  ...[
    'tone.wav',
    'tone-float.wav',
    'tone.flac',
    'tone.mp3',
    'tone-vorbis.ogg',
    'tone-opus.ogg',
  ].map((name) => ({ kind: 'audio' as const, bytes: mediaFile(name) })),
  ...['clip.mp4', 'clip.webm'].map((name) => ({ kind: 'video' as const, bytes: mediaFile(name) })),
  ...mediaQuestions()
    .flatMap(({ media }) => media.filter(({ kind }) => kind === 'video'))
    .slice(0, 2)
    .map(({ bytes }) => ({ kind: 'video' as const, bytes: Buffer.from(bytes) })),
];

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
      const broken = brokenFile(fc.constantFrom(...files));
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

  it(
    'as a sound or a clip is taken or refused, never a failure and never a hang',
    async () => {
      const sent = fc
        .constantFrom(...mediaFiles)
        .chain(({ kind, bytes }) =>
          fc.record({ kind: fc.constant(kind), bytes: brokenFile(fc.constant(bytes)) }),
        );
      await fc.assert(
        fc.asyncProperty(sent, fc.boolean(), async ({ kind, bytes }, overHttp) => {
          if (overHttp) {
            const data = bytes.toString('base64');
            const part =
              kind === 'audio'
                ? { type: 'input_audio', input_audio: { data, format: 'flac' } }
                : { type: 'video_url', video_url: { url: `data:image/webp;base64,${data}` } };
            const content = [part, textPart('What is this?')];
            const outcome = await post({ messages: [{ role: 'user', content }], max_tokens: 2 });
            return expectNoFailure(outcome);
          }
          const parts = [{ [kind]: bytes }, { text: 'What is this?' }];
          const request = { messages: [{ role: 'user', parts }], maxTokens: 2 };
          const answer = await within('an answer', answerMsMax, generate(deployment, request));
          if (answer.kind === 'answered') return undefined;
          return expect(['invalid_argument', 'unsupported']).toContain(answer.fault.code);
        }),
        runs,
      );
    },
    suiteMsMax,
  );
});
