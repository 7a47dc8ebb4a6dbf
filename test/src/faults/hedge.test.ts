import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExplainResponse } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { type Deployment, deploy, profileEngine, withoutCaches } from '../harness/deployment.ts';
import { living, routerStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { expectTexts, launch, pictureRequests } from './flight.ts';

const requests = pictureRequests(8, 8);

await describeWithRedis('encoding that is hedged', { own: false }, (redis) => {
  let deployment: Deployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    deployment = await deploy({
      redisUrl: redis.url,
      shape: { encoder: 2 },
      settings: {
        ...withoutCaches,
        ...profileEngine({ encodeBatchMs: 10, batchMax: 4, decodeStepMs: 2 }),
        // Nothing else may notice a stopped encoder while the requests last.
        ISOTHERM_SILENCE_MS: '60000',
        ISOTHERM_HEDGE_ENCODE_AFTER_MS: '100',
        ISOTHERM_HEDGE_ENCODE_PERCENT_MAX: '100',
      },
    });
  });
  afterAll(() => deployment.close());

  const router = () => {
    const [first] = living(deployment, 'router');
    if (first === undefined) throw new Error('No router lives.');
    return first.ready.address;
  };
  const hedges = async () => (await routerStatus(deployment, router())).hedges;
  const notesOf = async (requestId: string): Promise<readonly string[]> => {
    const { notes } = await callUnary<ExplainResponse>((done) =>
      deployment.peers.router(router()).explain({ requestId }, done),
    );
    return notes.map(({ kind }) => kind);
  };

  describe('while an encoder is stopped', () => {
    it('gives what waits there to the other one, and nothing is held for the loser', async () => {
      const [victim] = living(deployment, 'encoder');
      victim?.kill('SIGSTOP');
      try {
        const answers = await launch(deployment, requests).answers;
        expectTexts(answers, texts);
        const counts = await hedges();
        expect(counts?.won).toBeGreaterThanOrEqual(1);
        const ids = answers.flatMap((answer) =>
          answer.kind === 'answered' ? [answer.finished.requestId] : [],
        );
        const explained = await Promise.all(ids.map(notesOf));
        const hedged = explained.filter((notes) => notes.includes('hedged'));
        expect(hedged).toHaveLength(counts?.hedged ?? -1);
        for (const notes of hedged) expect(notes).toContain('hedge_ended');
        // The router itself waits for nobody and holds nothing, though the stopped one has said nothing yet.
        await until('an idle router', async () => {
          const { bookings, leases, requests: open } = await routerStatus(deployment, router());
          return bookings === 0 && leases === 0 && open === 0;
        });
        expect(deployment.logs.some((line) => line.includes('event stream broke'))).toBe(false);
      } finally {
        victim?.kill('SIGCONT');
      }
      // What the loser does when it wakes up is undone as well.
      await untilIdle(deployment);
    });
  });

  it('leaves those alone that answer in time', async () => {
    const before = await hedges();
    expectTexts(await launch(deployment, requests.slice(0, 1)).answers, texts.slice(0, 1));
    const after = await hedges();
    expect(after?.jobs).toBe((before?.jobs ?? 0) + 1);
    await untilIdle(deployment);
  });
});
