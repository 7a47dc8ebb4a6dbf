import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provideRedis, type ProvidedRedis } from '../report/provided-redis.ts';
import { fabricFigures } from './figures.ts';
import { measureFabric } from './measure-fabric.ts';
import { quickParameters } from './parameters.ts';

let redis: ProvidedRedis;
beforeAll(async () => {
  redis = await provideRedis();
});
afterAll(() => redis.stop());

test('the fabric bench gives every figure', async () => {
  const runs = await measureFabric(redis.url, {
    ...quickParameters,
    runs: 1,
    pairs: 5,
    steppedPairs: 2,
    onnxPairs: 0,
    answerTokens: 4,
    concurrencies: [2],
    loadWarmMs: 100,
    firstWarmMs: 200,
    loadMs: 500,
    laneJobs: 20,
    pulls: 2,
    sizesBytes: [4096, 1 << 20],
  });
  const figures = fabricFigures(runs);
  const keys = [
    'added_first_token_p50_ms',
    'added_first_token_p99_ms',
    'added_per_token_p50_ms',
    'requests_per_s',
    'lane_hop_p50_ms',
    'transfer_1mib_p50_ms',
  ];
  for (const key of keys) expect([key, figures[key]]).toEqual([key, expect.any(Number)]);
  expect(figures['requests_per_s']).toBeGreaterThan(0);
  expect(figures['requests_failed']).toBe(0);
  expect(figures['added_first_token_model_text_p50_ms']).toBeNull();
}, 60_000);
