import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { ExplainResponse } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { profileEngine, quickToNotice, withoutCaches } from '../harness/deployment.ts';
import type { Answer } from '../harness/generate.ts';
import { routerStatus, untilIdle } from '../harness/idle.ts';
import { profileAnswer } from '../harness/profile-answer.ts';
import { describeWithRedis } from '../harness/redis.ts';
import { until } from '../harness/until.ts';
import { type RestartableRedis, startRestartableRedis } from './campaign/restartable-redis.ts';
import { expectTexts, type Flight, launch, pictureRequests } from './flight.ts';
import { deployLinked, type LinkedDeployment, type Place } from './link/linked-deployment.ts';

const requests = pictureRequests(12, 60);
/** A connection that is dead without a word would be noticed by gRPC itself after six seconds. */
const noticedMsMax = 5000;
/** Eight processes. */
const startMsMax = 60_000;

await describeWithRedis('with a fault proxy in every link', { own: true }, () => {
  let redis: RestartableRedis;
  let deployment: LinkedDeployment;
  let texts: readonly string[];

  beforeAll(async () => {
    texts = await Promise.all(requests.map(profileAnswer));
    redis = await startRestartableRedis();
    deployment = await deployLinked({
      redisUrl: redis.url,
      shape: { router: 1, encoder: 2, prefill: 2, decode: 2 },
      settings: {
        ...withoutCaches,
        ...quickToNotice,
        ...profileEngine({ encodeBatchMs: 60, batchMax: 1, prefillPromptMs: 10, decodeStepMs: 15 }),
      },
      // All but one medium wait in the lanes.
      settingsOf: { encoder: { ISOTHERM_CONCURRENCY: '1' } },
    });
  }, startMsMax);
  afterAll(async () => {
    // Where the start failed there may be one without the other.
    await (deployment as LinkedDeployment | undefined)?.close();
    await (redis as RestartableRedis | undefined)?.close();
  });
  afterEach(() => untilIdle(deployment));

  const place = (service: Place['service'], index = 0): Place => {
    const found = deployment.places.find(
      (each) => each.service === service && each.index === index,
    );
    if (found === undefined) throw new Error(`There is no ${service} ${index}.`);
    return found;
  };
  const fly = (): Flight => launch(deployment, requests, { address: place('router').direct });
  const readyIds = async (): Promise<readonly string[]> => {
    const { instances } = await routerStatus(deployment, place('router').direct);
    return instances.filter(({ ready }) => ready).map(({ instanceId }) => instanceId);
  };
  const notesOf = async (answer: Answer): Promise<readonly string[]> => {
    if (answer.kind !== 'answered') return [answer.kind];
    const { requestId } = answer;
    const router = deployment.peers.router(place('router').direct);
    const { notes } = await callUnary<ExplainResponse>((callback) =>
      router.explain({ requestId }, callback),
    );
    return notes.map(({ kind }) => kind);
  };
  const until6Ready = (): Promise<void> =>
    until('six ready instances', async () => (await readyIds()).length === 6, noticedMsMax);

  it('half open to a decode instance: answers move, and it is back on a new connection', async () => {
    const flight = fly();
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    place('decode').link.apply({ kind: 'half-open' });
    await until('the router has noticed', async () => (await readyIds()).length < 6);
    await until6Ready();
    expectTexts(await flight.answers, texts);
  });

  it('half open to the router: what it keeps is pulled over new connections, and nothing fails', async () => {
    place('router').link.apply({ kind: 'half-open' });
    const answers = await fly().answers;
    expectTexts(answers, texts);
    const records = await Promise.all(answers.map(notesOf));
    expect(records.flat()).not.toContain('attempt_failed');
  });

  it('half open between Redis and an encoder: it takes work again within seconds', async () => {
    place('encoder').redisLink.apply({ kind: 'half-open' });
    const flight = fly();
    expectTexts(await flight.answers, texts);
    await until6Ready();
  });

  it('another instance at the address of a dead one: nobody takes the one for the other', async () => {
    const decode = place('decode');
    const victim = deployment.processOf(decode);
    const flight = fly();
    await until('a few tokens of each answer', () => flight.leastText() >= 5);
    victim?.kill('SIGKILL');
    await victim?.exited;
    const newcomer = await deployment.stack.add('decode');
    expect(newcomer.ready.address).toBe(victim?.ready.address);
    expectTexts(await flight.answers, texts);
    const dead = String(victim?.ready.instance);
    await until('the dead one has left', async () => !(await readyIds()).includes(dead));
    await until6Ready();
    expectTexts(await fly().answers, texts);
    const broken = deployment.logs.filter(
      (line) =>
        line.includes('event stream broke') && line.includes(String(newcomer.ready.instance)),
    );
    expect(broken).toEqual([]);
  });

  it('Redis loses the jobs that wait in the lanes: they are sent again', async () => {
    const flight = fly();
    await until('some answers have begun, some pictures still wait', () => flight.someText());
    await redis.die();
    await redis.comeBack('lost');
    expectTexts(await flight.answers, texts);
    await until6Ready();
  });
});
