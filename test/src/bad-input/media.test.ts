import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postChat, textPart } from '../harness/chat.ts';
import { type Deployment, deploy } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { floatWav } from '../harness/wav.ts';
import { type HostileMedium, hostileMedia, mediaBytesMax } from './hostile-media.ts';
import { expectHttpRefusal, expectRefusal } from './refusals.ts';

const hostile = await hostileMedia();

/** Longest time until a refusal, and most memory that all of them together may take at a service. */
const refusalMsMax = 5000;
const grownMiBMax = 256;

const services = ['router', 'encoder'] as const;

const httpPart = ({ kind, bytes }: Pick<HostileMedium, 'kind' | 'bytes'>): object => {
  const data = Buffer.from(bytes).toString('base64');
  if (kind === 'audio')
    return { type: 'input_audio', input_audio: { data, format: audioOf(bytes) } };
  return { type: 'video_url', video_url: { url: `data:image/gif;base64,${data}` } };
};

/** What an honest client would declare, so that the type is not what the sound is refused for. */
const audioOf = (bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (head === 'fLaC') return 'flac';
  if (head === 'OggS') return 'ogg';
  return head.startsWith('ID3') ? 'mp3' : 'wav';
};

const fieldOf = ({ kind }: HostileMedium): string =>
  kind === 'audio' ? 'input_audio.data' : 'video_url.url';

await describeWithRedis('a sound or a clip', { own: false }, (redis) => {
  let deployment: Deployment;
  let peaksBefore: readonly number[];
  beforeAll(async () => {
    deployment = await deploy({
      redisUrl: redis.url,
      settings: {
        ISOTHERM_SOUND_BYTES_MAX: String(mediaBytesMax),
        ISOTHERM_CLIP_BYTES_MAX: String(mediaBytesMax),
      },
    });
    peaksBefore = peaks(deployment);
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  describe('that is refused early, at its field: ', () => {
    it.each(hostile)('$kind, $name, over HTTP', async (medium) => {
      const content = [textPart('What is this?'), httpPart(medium)];
      const body = { messages: [{ role: 'user', content }], max_tokens: 2 };
      const startMs = performance.now();
      const outcome = await postChat(deployment.stack.http, body);
      expect(performance.now() - startMs).toBeLessThan(refusalMsMax);
      const { code, message } = medium;
      expectHttpRefusal(outcome, {
        code,
        message,
        param: `messages[0].content[1].${fieldOf(medium)}`,
      });
    });

    it.each(hostile)('$kind, $name, over gRPC', async ({ kind, bytes, code, message }) => {
      const parts = [{ text: 'What is this?' }, { [kind]: bytes }];
      const request = { messages: [{ role: 'user', parts }], maxTokens: 2 };
      const answer = await generate(deployment, request);
      expectRefusal(answer, { code, message, param: 'messages[0].parts[1]' });
    });

    it('one that is declared as another type', async () => {
      const data = floatWav(new Float32Array(1600)).toString('base64');
      const part = { type: 'input_audio', input_audio: { data, format: 'mp3' } };
      const body = { messages: [{ role: 'user', content: [part] }] };
      expectHttpRefusal(await postChat(deployment.stack.http, body), {
        code: 'invalid_argument',
        message: /declared as "audio\/mp3" but is audio\/wav/,
        param: 'messages[0].content[0].input_audio.data',
      });
    });

    it('one more than allowed', async () => {
      const sound = httpPart({ kind: 'audio', bytes: floatWav(new Float32Array(1600)) });
      const content = Array.from({ length: 9 }, () => sound);
      const body = { messages: [{ role: 'user', content }] };
      expectHttpRefusal(await postChat(deployment.stack.http, body), {
        code: 'invalid_argument',
        message: /8 sounds; this one holds 9/,
        param: 'messages[0].content[8].input_audio.data',
      });
    });

    it('a list of frames of which one is none', async () => {
      const url = `data:video/jpeg;base64,${Buffer.from('no picture').toString('base64')}`;
      const content = [{ type: 'video_url', video_url: { url } }];
      const body = { messages: [{ role: 'user', content }] };
      expectHttpRefusal(await postChat(deployment.stack.http, body), {
        code: 'invalid_argument',
        message: /not an image/,
        param: 'messages[0].content[0].video_url.url',
      });
    });
  });

  it('leaves the services as they were: the same processes, which answer, and no larger', async () => {
    for (const service of services) expect(living(deployment, service)).toHaveLength(1);
    const sound = httpPart({ kind: 'audio', bytes: floatWav(new Float32Array(16_000)) });
    const body = { messages: [{ role: 'user', content: [sound, textPart('?')] }], max_tokens: 2 };
    expect((await postChat(deployment.stack.http, body)).kind).toBe('completed');
    peaks(deployment).forEach((peakMiB, index) => {
      expect(peakMiB - (peaksBefore[index] ?? 0)).toBeLessThan(grownMiBMax);
    });
  });
});

/** Most memory that each service has ever held, in MiB, as Linux counts it; zeros elsewhere. */
const peaks = ({ stack }: Deployment): readonly number[] =>
  services.flatMap((service) => stack.instances(service)).map(({ pid }) => peakOf(pid));

const peakOf = (pid: number | undefined): number => {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
};
