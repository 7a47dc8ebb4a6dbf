import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provideRedis, type ProvidedRedis } from '../report/provided-redis.ts';
import { measureFairness } from './measure-fairness.ts';
import { measureOverload } from './measure-overload.ts';

let redis: ProvidedRedis;
beforeAll(async () => {
  redis = await provideRedis();
});
afterAll(() => redis.stop());

const shape = { promptMs: 40, answerTokens: 4, seed: 5 };

// How good is a matter of the machine, and of a time that nothing stretches: services/router/src/admission/
// simulated-load.test.ts holds the same load to its bounds. Here nothing may be lost, and everything is told apart.
test('three times too much load is answered or refused, and nothing of it fails', async () => {
  const overload = await measureOverload(redis.url, {
    ...shape,
    ...{ times: 3, peakMs: 1_500, overloadMs: 3_000 },
  });
  expect(overload.failures).toEqual([]);
  expect(overload.goodputShare).toBeGreaterThan(0);
  const { interactive, standard, batch } = overload.counts;
  for (const { sent, answered, refused } of [interactive, standard, batch]) {
    expect(answered + refused).toBe(sent);
    expect(answered).toBeGreaterThan(0);
  }
  expect(overload.refusalMs.count).toBe(interactive.refused + standard.refused + batch.refused);
  expect(interactive.firstMs.p50).toBeLessThan(batch.firstMs.p50);
}, 90_000);

test('a tenant that sends ten times its share is refused, and the other one is not', async () => {
  const fairness = await measureFairness(redis.url, { ...shape, rounds: 1, roundMs: 3_000 });
  const { steadyLost, beside, flooded, floodAnswered, floodRefused } = fairness;
  const steady = steadyLost + beside.count + flooded.count;
  expect(steadyLost / steady).toBeLessThan(floodRefused / (floodAnswered + floodRefused));
  expect(floodRefused).toBeGreaterThan(0);
  expect(fairness.p99Ratio).toBeGreaterThan(0);
}, 90_000);
