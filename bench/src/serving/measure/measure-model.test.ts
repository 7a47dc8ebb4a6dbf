import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { provideRedis, type ProvidedRedis } from '../../report/provided-redis.ts';
import { ablationsOf } from '../ablation-list.ts';
import { inInt8 } from '../deployments.ts';
import { servingFigures } from '../figures.ts';
import { knownSettings } from '../known-settings.ts';
import { startLoadGenerator } from '../load/load-generator.ts';
import { quickParameters } from '../parameters.ts';
import { type Deployment, startIsotherm } from '../systems/isotherm.ts';
import { provideWeighty } from '../weighty/provide-weighty.ts';
import { tinyShape } from '../weighty/shape.ts';
import { measureAblations } from './ablations.ts';
import { choosePeer } from './choose-peer.ts';
import { measureModel } from './measure-model.ts';
import { measureVariant } from './measure-variant.ts';
import { createTrial } from './trial.ts';

let redis: ProvidedRedis;
let root: string;
beforeAll(async () => {
  redis = await provideRedis();
  root = join(await mkdtemp(join(tmpdir(), 'isotherm-weighty-')), 'tiny');
});
afterAll(async () => {
  await redis.stop();
  await rm(join(root, '..'), { recursive: true, force: true });
});

const parameters = {
  ...quickParameters.weighty,
  warmS: 0.2,
  peerShapes: [{ processes: 1, threads: 1 }],
  peerTrialS: 0.5,
  saturation: { concurrency: 4, warmS: 0.1, measureS: 0.5 },
  grid: { lowest: 0.5, ratio: 2, steps: 1 },
  open: { seconds: 0.2, requestsMin: 5, requestsMax: 5 },
  // Times mean nothing here: only that they are measured.
  sloFactor: 1000,
  ablations: { measureS: 0.3, unloaded: 2 },
};

test('the serving bench writes a model, serves it both ways with the same texts, and gives every figure', async () => {
  const folders = await provideWeighty(root, tinyShape, () => undefined);
  const deployment: Deployment = { kind: 'services', modelDir: folders.grouped };
  const generator = startLoadGenerator();
  const trial = createTrial(generator, parameters);
  // Both variants are tried, so that neither can be one that the peer fails on.
  const peerFolders = { grouped: folders.grouped, plain: folders.plain };
  const [isotherm, { monolith, trials }] = await Promise.all([
    startIsotherm(deployment, redis.url),
    choosePeer(trial, peerFolders, parameters),
  ]);
  try {
    expect(trials.map(({ requestsPerS }) => requestsPerS > 0)).toEqual([true, true]);
    const result = await measureModel(trial, { isotherm, monolith }, parameters);
    expect(result.texts.differences).toEqual([]);
    expect(result.texts.compared).toBe(5);
    expect(result.texts.sameTokens).toBe(5);
    const variant = await measureVariant(
      trial,
      {
        name: 'int8',
        deployment: inInt8(deployment),
        peer: { modelDir: folders.grouped, precision: 'int8', processes: 1, threads: 1 },
        slo: result.slo.monolith,
        redisUrl: redis.url,
      },
      parameters,
    );
    const ablations = await measureAblations(
      trial,
      isotherm,
      {
        deployment,
        ablations: ablationsOf(deployment, folders.plain).filter(
          ({ name }) => name === 'in_place_kv',
        ),
        settings: await knownSettings(),
        redisUrl: redis.url,
      },
      parameters,
    );
    const figures = servingFigures(undefined, { result, variant, ablations });
    const keys = [
      'goodput_ratio_weighty',
      'throughput_ratio_weighty',
      'goodput_ratio_weighty_int8',
      'throughput_ratio_weighty_int8',
      'latency_batch1_ratio_weighty',
      'ttft_p99_ratio_weighty',
      'repeated_image_ttft_ratio',
      'saturated_weighty_isotherm_requests_per_s',
      'event_loop_delay_p99_weighty_ms',
      'ablation_in_place_kv_weighty_throughput_ratio',
    ];
    for (const key of keys) expect([key, figures[key]]).toEqual([key, expect.any(Number)]);
    expect(figures['goodput_ratio_panel']).toBeNull();
    expect(figures['failed_requests_weighty_isotherm']).toBe(0);
  } finally {
    generator.close();
    await Promise.all([isotherm.stop(), monolith.stop()]);
  }
}, 120_000);
