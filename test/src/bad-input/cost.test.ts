import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { postChat, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { untilIdle } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

/** What is refused may cost so many times what a good request of its size costs, and of its bytes in memory. */
const timesMax = 100;
/** Below this, differences are the machine's and the runtime's. */
const floorMs = 5;
const floorMiB = 64;

const mebibyte = 1 << 20;
const good = JSON.stringify(question([], 'hello', { max_tokens: 1 }));

/** A good body of a size: JSON may have spaces behind it. */
const goodOf = (bytes: number): string => good.padEnd(bytes, ' ');

/** A body with a picture at an address. */
const withUrl = (url: string): string => {
  const part = { type: 'image_url', image_url: { url } };
  return JSON.stringify({ messages: [{ role: 'user', content: [part] }] });
};

/** A picture of 40 megapixels and more in a few hundred kilobytes, and of 4 gigapixels in fewer bytes. */
const bombs = async (): Promise<readonly [string, string][]> => {
  const bomb = await sharp({
    create: { width: 8000, height: 8000, channels: 3, background: '#000000' },
  })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const enormous = Buffer.from(bomb);
  enormous.writeUInt32BE(65_535, 16);
  enormous.writeUInt32BE(65_535, 20);
  const urlOf = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString('base64')}`;
  return [
    ['a picture of 64 megapixels in few bytes', withUrl(urlOf(bomb))],
    ['a picture of 4 gigapixels in few bytes', withUrl(urlOf(enormous))],
  ];
};

const million = Array.from({ length: 1_000_000 }, () => '{"role":"user","content":"x"}').join();
const size = 8 * mebibyte;
const hostile: readonly (readonly [string, string | Uint8Array])[] = [
  ['half a body', `{"messages": [{"role": "user", "content": "${'x'.repeat(size)}`],
  ['lists in lists without an end', '['.repeat(size)],
  ['lists in lists', `{"messages":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`],
  ['objects in objects', `{"x":${'{"x":'.repeat(size / 8)}1${'}'.repeat(size / 8)}}`],
  ['a million messages', `{"messages":[${million}]}`],
  ['a million fields', `{${Array.from({ length: 1e6 }, (_, at) => `"f${at}":1`).join()}}`],
  ['a name of megabytes', `{"${'x'.repeat(size)}":1}`],
  ['a number of megabytes', `${good.slice(0, -1)},"seed":${'9'.repeat(size)}}`],
  ['base64 that is none', withUrl(`data:image/png;base64,${'@'.repeat(size)}`)],
  ['a type of megabytes', withUrl(`data:${'a'.repeat(size)}`)],
  ['a picture of zeros', withUrl(`data:image/png;base64,${'A'.repeat(size)}`)],
  ['NUL characters', good.replace('hello', '\\u0000'.repeat(size / 6))],
  ['halves of characters', good.replace('hello', '\\ud83d'.repeat(size / 6))],
  ['bytes that UTF-8 does not have', Buffer.alloc(size, 0xff)],
  ['NUL bytes', Buffer.alloc(size)],
  ...(await bombs()),
];

await describeWithRedis('what is refused', { own: false }, (redis) => {
  let deployment: Deployment;
  const post = async (body: string | Uint8Array) => {
    const startMs = performance.now();
    const outcome = await postChat(deployment.stack.http, body);
    return { outcome, tookMs: performance.now() - startMs };
  };
  /** Most memory that the router has ever held, in MiB, as Linux counts it; zero elsewhere. */
  const peakMiB = (): number => {
    if (process.platform !== 'linux') return 0;
    const [router] = deployment.stack.instances('router');
    const status = readFileSync(`/proc/${router?.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  };

  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url, settings: profileEngine() });
    // The thread for large bodies starts with the first of them.
    await post(goodOf(size));
  });
  afterAll(async () => {
    await untilIdle(deployment);
    await deployment.close();
  });

  describe(`costs less than ${timesMax} times its size and time: `, () => {
    it.each(hostile)('%s', async (_, body) => {
      const bytes = Buffer.byteLength(body);
      const right = await post(goodOf(bytes));
      expect(right.outcome.kind).toBe('completed');
      const before = peakMiB();
      const { outcome, tookMs } = await post(body);
      expect(outcome).toMatchObject({ kind: 'refused', status: 400 });
      expect(tookMs).toBeLessThan(timesMax * Math.max(right.tookMs, floorMs));
      expect(peakMiB() - before).toBeLessThan(Math.max((timesMax * bytes) / mebibyte, floorMiB));
    });
  });
});
