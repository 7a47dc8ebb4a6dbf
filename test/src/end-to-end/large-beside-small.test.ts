import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { completionOf, question } from '../harness/chat.ts';
import { type Deployment, deploy, profileEngine } from '../harness/deployment.ts';
import { fixtureQuestions } from '../harness/fixture.ts';
import { routerStatus } from '../harness/idle.ts';
import { describeWithRedis } from '../harness/redis.ts';

/** The long form, with the times of the small ones: npm run bench -- router. */
const large = 40;
const largeBytes = 220_000;
/** 99 of 100 turns of the router's event loop, above what one that does nothing is late by. */
const loopDelayMs = 75;
/** Small ones that are asked meanwhile, one after the other. */
const small = 12;
/** Large ones that are answered for each small one, at most: where the loop is held up, nearly all that were before it. */
const largeEachMax = 15;

/** A token a byte, and a KV cache that is not what is tested. */
const profile = { contextMax: 1 << 20, kvBytesPerToken: 4 };
/** Behind its last chunk a PNG file may hold anything: a large one that costs nothing to make. */
const largePicture = (png: Uint8Array): Uint8Array => Buffer.concat([png, randomBytes(largeBytes)]);

/** What the machine's other work makes any event loop late by: that of a thread that does nothing. */
const watchIdleThread = () => {
  const runtime = import.meta.resolve('@isotherm/runtime');
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { watchLoopDelay } from ${JSON.stringify(runtime)};
    const delay = watchLoopDelay();
    parentPort.once('message', () => parentPort.postMessage(delay.p99Ms()));
  `;
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  return async (): Promise<number> => {
    thread.postMessage('read', []);
    const [p99Ms] = (await once(thread, 'message')) as [number];
    await thread.terminate();
    return p99Ms;
  };
};

await describeWithRedis('large requests beside small ones', { own: false }, (redis) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ redisUrl: redis.url, settings: profileEngine(profile) });
  });
  afterAll(() => deployment.close());

  const ask = async (files: readonly Uint8Array[], text: string): Promise<number> => {
    const body = question(files, text, { max_tokens: 4 });
    return (await completionOf(deployment.stack.http, body)).usage.prompt_tokens;
  };

  it(`${large} at once are answered without holding up the router's event loop`, async () => {
    const png = fixtureQuestions()[0]?.bytes ?? new Uint8Array();
    const idleMs = watchIdleThread();
    let done = false;
    let largeDone = 0;
    const askLarge = async (index: number): Promise<void> => {
      for (let at = index; !done; at += large) {
        if (at % 2 === 0) {
          const tokens = await ask([], `${at} ${'x'.repeat(largeBytes)}`);
          expect(tokens).toBeGreaterThan(largeBytes);
        } else await ask([largePicture(png)], 'What is this?');
        largeDone += 1;
      }
    };
    const all = Promise.all(Array.from({ length: large }, (_, index) => askLarge(index)));
    // Awaited below, also where a small one fails first.
    all.catch(() => undefined);
    try {
      for (let at = 0; at < small; at += 1) {
        expect(await ask([], 'Is unit 3 on?')).toBeLessThan(32);
      }
      expect(largeDone).toBeLessThan(largeEachMax * small);
    } finally {
      done = true;
      await all;
    }
    console.info(`large beside small: ${largeDone} large while ${small} small`);
    const status = await routerStatus(deployment, deployment.stack.grpc);
    const lateMs = status.loopDelayMs - (await idleMs());
    expect(lateMs).toBeLessThan(loopDelayMs);
  }, 60_000);
});
