import { execFile, type PromiseWithChild } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Deployment } from '../harness/deployment.ts';
import { generate } from '../harness/generate.ts';
import { living, routerStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { repositoryRoot } from '../harness/repository.ts';
import { until, within } from '../harness/until.ts';
import { expectTexts, launch, pictureRequests } from './flight.ts';
import { instanceWithWork } from './instance-with-work.ts';
import { deployPairs } from './pairs.ts';

const requests = pictureRequests(20, 40);
/** Three commands have to start, one after another, on a machine that may have other work. */
const commandsMsMax = 120_000;

await describeWithRedis('draining under load', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deployPairs(
      redis.url,
      { encodeBatchMs: 50, batchMax: 2, prefillPromptMs: 20, decodeStepMs: 20 },
      { ISOTHERM_DRAIN_GRACE_MS: '60000' },
    );
  });
  afterAll(() => deployment.close());
  afterEach(() => untilIdle(deployment));

  const isotherm = (...words: readonly string[]): PromiseWithChild<{ readonly stdout: string }> =>
    promisify(execFile)(process.execPath, [
      join(repositoryRoot, 'packages', 'cli', 'bin', 'isotherm.mjs'),
      ...[...words, '--address', deployment.stack.grpc],
    ]);

  for (const stage of ['encoder', 'prefill', 'decode'] as const) {
    it(`drains an instance of ${stage} on SIGTERM: no request fails, it exits with 0`, async () => {
      const before = launch(deployment, requests);
      const leaving = await instanceWithWork(deployment, stage);
      leaving.kill('SIGTERM');
      // More work comes while it drains: none of it may be sent into a lane that nobody reads.
      const during = launch(deployment, requests);
      expectTexts(await before.answers, texts);
      expectTexts(await during.answers, texts);
      expect(await within('the exit of the drained instance', 12_000, leaving.exited)).toBe(0);
    });
  }

  it('adds an instance while another one is still on its way out', async () => {
    const added = new AbortController();
    const long = pictureRequests(4, 3000).map((request) =>
      generate(deployment, request, { signal: added.signal }),
    );
    const leaving = await instanceWithWork(deployment, 'decode');
    leaving.kill('SIGTERM');
    // Who drains is alive and ready nowhere: whoever waits for both to agree waits for as long as it drains.
    await within('the added instance', 40_000, deployment.stack.add('decode'));
    expect(leaving.alive()).toBe(true);
    expect(deployment.stack.adding('decode')).toBe(0);
    added.abort();
    await Promise.all(long);
    expect(await within('the exit of the drained instance', 12_000, leaving.exited)).toBe(0);
  });

  it(
    'drains an instance and a router on the word of an operator, and refuses the last',
    async () => {
      await deployment.stack.add('decode');
      const before = launch(deployment, requests);
      const leaving = await instanceWithWork(deployment, 'decode');
      let said = '';
      const draining = isotherm('drain', String(leaving.ready['instance']));
      draining.child.stdout?.on('data', (piece) => (said += String(piece)));
      // However long the command takes to start: it finds work, of which some has only begun.
      const keepAtWork = async (tokens: number): Promise<void> => {
        const asked = pictureRequests(8, tokens);
        const right = await Promise.all(asked.map(profileAnswer));
        do expectTexts(await launch(deployment, asked).answers, right);
        while (!said.includes('takes no new work'));
      };
      await Promise.all([keepAtWork(90), keepAtWork(130)]);
      expectTexts(await before.answers, texts);
      const { stdout } = await within('the end of the drain', 12_000, draining);
      expect(stdout).toMatch(/takes no new work\n[^]* has drained and gone/);
      expect(await within('the exit of the drained instance', 5_000, leaving.exited)).toBe(0);

      const [last] = living(deployment, 'decode');
      await expect(isotherm('drain', String(last?.ready['instance']))).rejects.toMatchObject({
        stderr: expect.stringMatching(/is the last ready decode of profile.*--force/),
      });
      const second = await deployment.stack.add('router');
      const flight = launch(deployment, requests);
      const { routerId } = await routerStatus(deployment, second.ready.address);
      await isotherm('drain', routerId);
      expect(await within('the exit of the router', 5_000, second.exited)).toBe(0);
      expectTexts(await flight.answers, texts);
    },
    commandsMsMax,
  );

  it('drains the router: open streams finish, it exits with 0', async () => {
    const [router] = deployment.stack.instances('router');
    const flight = launch(deployment, requests);
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    router?.kill('SIGTERM');
    expectTexts(await flight.answers, texts);
    expect(await within('the exit of the router', 12_000, router?.exited ?? never)).toBe(0);
  });
});

const never: Promise<null> = new Promise(() => undefined);
