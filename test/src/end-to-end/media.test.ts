import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMonolith, type MonolithMessage } from '@isotherm/engine';
import { shippedModelDir } from '@isotherm/stack';
import sharp from 'sharp';
import { completionOf, textPart } from '../harness/chat.ts';
import { type Deployment, deploy, withoutCaches } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { untilIdle } from '../harness/idle.ts';
import { mapInFlight } from '../harness/in-flight.ts';
import { httpPart, type MediaQuestion, mediaQuestions } from '../harness/media-fixture.ts';
import { describeWithRedis } from '../harness/redis.ts';

const tokensMax = 64;
const inFlight = 40;

/** Least share of answers that must be right word for word, by what the question is about. */
const exactMatchMin = { image: 0.9, audio: 0.9, video: 0.95, mixed: 0.9 } as const;

const kindOf = (question: MediaQuestion | undefined): string => {
  const [first, ...rest] = question?.media ?? [];
  return rest.length > 0 ? 'mixed' : (first?.kind ?? 'text');
};

const all = mediaQuestions();
const mixed = all.filter(({ media }) => media.length > 1);
const single = (kind: string): readonly MediaQuestion[] =>
  all.filter(({ media }) => media.length === 1 && media[0]?.kind === kind).slice(0, 6);
const asked = [...mixed, ...single('audio'), ...single('video'), ...single('image')];

const messageOf = ({ media, question }: MediaQuestion): MonolithMessage => ({
  role: 'user',
  parts: [...media.map(({ kind, bytes }) => ({ kind, bytes })), { kind: 'text', text: question }],
});

const bodyOf = ({ media, question }: MediaQuestion): object => ({
  messages: [{ role: 'user', content: [...media.map(httpPart), textPart(question)] }],
  max_tokens: tokensMax,
});

const inOneProcess = async (questions: readonly MediaQuestion[]): Promise<readonly string[]> => {
  const monolith = await createMonolith({ modelDir: shippedModelDir });
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  try {
    const answers = questions.map((one) =>
      monolith.answer([messageOf(one)], { tokensMax, sampling }),
    );
    return (await Promise.all(answers)).map(({ text }) => text);
  } finally {
    await monolith.close();
  }
};

await describeWithRedis('pictures, sounds and clips', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 2 },
      settings: withoutCaches,
    });
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  const ask = async (question: MediaQuestion, index: number): Promise<string> => {
    if (index % 2 === 0) {
      const { choices } = await completionOf(deployment.stack.http, bodyOf(question));
      return choices[0].message.content;
    }
    const media = question.media.map(({ kind, bytes }) => ({ [kind]: bytes }));
    const parts = [...media, { text: question.question }];
    const messages = [{ role: 'user', parts }];
    const answer = await generate(deployment, { messages, maxTokens: tokensMax });
    return answer.kind === 'answered' ? answer.text : answer.fault.message;
  };

  // First, while no encoder has any of them: what is cached draws a request to where it is.
  it('of one request are shared by the encoders', async () => {
    const media = all.flatMap((each) => each.media).slice(0, 6);
    const body = { messages: [{ role: 'user', content: [...media.map(httpPart), textPart('?')] }] };
    const { isotherm } = await completionOf(deployment.stack.http, { ...body, max_tokens: 2 });
    const encodes = isotherm.stages.filter(({ stage }) => stage === 'encode');
    expect(encodes).toHaveLength(6);
    expect(new Set(encodes.map(({ instance }) => instance)).size).toBe(2);
  });

  describe('in every mixture and order', () => {
    let texts: readonly string[];
    beforeAll(async () => {
      texts = await mapInFlight([...all.entries()], inFlight, ([index, question]) =>
        ask(question, index),
      );
    }, 60_000);

    it('are answered as in one process, on both doors', async () => {
      expect(mixed.length).toBeGreaterThan(30);
      const answers = asked.map((question) => texts[all.indexOf(question)]);
      expect(answers).toEqual(await inOneProcess(asked));
    }, 60_000);

    it('are answered as right as the model card says', () => {
      const shareOf = (kind: string): number => {
        const places = [...all.keys()].filter((index) => kindOf(all[index]) === kind);
        return places.filter((index) => texts[index] === all[index]?.answer).length / places.length;
      };
      for (const [kind, least] of Object.entries(exactMatchMin)) {
        expect({ kind, enough: shareOf(kind) >= least }).toEqual({ kind, enough: true });
      }
    });
  });

  it('are counted apart', async () => {
    const media = ['image', 'audio', 'video', 'audio'].map((kind) => single(kind)[0]?.media[0]);
    const content = media.flatMap((file) => (file === undefined ? [] : [httpPart(file)]));
    const body = { messages: [{ role: 'user', content: [...content, textPart('What?')] }] };
    const { usage } = await completionOf(deployment.stack.http, { ...body, max_tokens: 2 });
    expect(usage.prompt_tokens_details).toMatchObject({
      image_tokens: 36,
      audio_tokens: 50,
      video_tokens: 36,
    });
  });

  describe('a clip given as frames', () => {
    it('is the same as the file of these frames', async () => {
      const [question] = single('video');
      const file = question?.media[0];
      if (question === undefined || file === undefined) throw new Error('There is no clip.');
      const { pages = 1 } = await sharp(file.bytes).metadata();
      const frames = await Promise.all(
        Array.from({ length: pages }, (_, page) => sharp(file.bytes, { page }).png().toBuffer()),
      );
      const whole = await completionOf(deployment.stack.http, bodyOf(question));
      const parts = [{ frames: { frames } }, { text: question.question }];
      const messages = [{ role: 'user', parts }];
      const answer = await generate(deployment, { messages, maxTokens: tokensMax });
      expect(answer).toMatchObject({ kind: 'answered', text: whole.choices[0].message.content });
      const list = frames.map((frame) => frame.toString('base64')).join(',');
      const url = `data:video/jpeg;base64,${list}`;
      const content = [{ type: 'video_url', video_url: { url } }, textPart(question.question)];
      const body = { messages: [{ role: 'user', content }], max_tokens: tokensMax };
      const listed = await completionOf(deployment.stack.http, body);
      expect(listed.choices[0].message.content).toBe(whole.choices[0].message.content);
    });
  });
});
