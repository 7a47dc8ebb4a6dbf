import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provideRedis, type ProvidedRedis } from '../report/provided-redis.ts';
import { measureBesideLarge } from './beside-large.ts';
import { routerFigures } from './figures.ts';
import { measureRouter } from './measure-router.ts';
import { quickParameters } from './parameters.ts';

let redis: ProvidedRedis;
beforeAll(async () => {
  redis = await provideRedis();
});
afterAll(() => redis.stop());

test('the router bench gives every figure, of everybody that needs no download', async () => {
  const parameters = {
    ...quickParameters,
    runs: 1,
    answerTokens: 3,
    pacedMs: 300,
    concurrency: 2,
    closedWarmMs: 50,
    closedMs: 200,
    firstWarmMs: 100,
    largeInFlight: 2,
    largeBytes: 40_000,
    besideMs: 800,
    besideTurns: 2,
    besideWarmMs: 200,
  };
  const { runs, versions } = await measureRouter(redis.url, parameters, false);
  const beside = await measureBesideLarge(redis.url, parameters);
  expect(versions['portkey']).toMatch(/^\d+\.\d+/);
  const decisionP99Ms = { '64': 0.1, '1000': undefined };
  const figures = routerFigures({ runs, beside, decisionP99Ms, overload: undefined });
  const measured = Object.keys(figures).filter((key) => typeof figures[key] === 'number');
  const absent = Object.keys(figures).filter((key) => figures[key] === null);
  expect(measured).toEqual(
    expect.arrayContaining([
      'added_p50_ms',
      'added_p99_ms',
      'requests_per_s',
      'portkey_added_p50_ms',
      'portkey_requests_per_s',
      'colocated_added_p50_ms',
      'colocated_requests_not_streamed_per_s',
      'gateway_added_p50_ms',
      'gateway_requests_not_streamed_per_s',
      'grpc_added_p50_ms',
      'beside_large_small_p99_ratio',
      'beside_large_shared_small_p99_ratio',
    ]),
  );
  for (const key of absent) expect(key).toMatch(/^nginx_|^decision_p99_ms_1000|overload|refusal/);
  expect(figures['requests_per_s']).toBeGreaterThan(0);
  expect(figures['gateway_requests_per_s']).toBeGreaterThan(0);
  // A gateway that answers nothing but errors would look fast.
  expect(figures['portkey_added_not_streamed_p50_ms']).toBeGreaterThan(0);
  expect([figures['requests_failed'], beside.failed]).toEqual([0, 0]);
}, 180_000);
