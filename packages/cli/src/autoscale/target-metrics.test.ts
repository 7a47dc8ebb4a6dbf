import { expect, it } from '@jest/globals';
import { linearProfile } from '@isotherm/kernel';
import { firstPool } from './pool.ts';
import { serveTargetMetrics } from './target-metrics.ts';

it('serves what is wanted and seen, by stage', async () => {
  const about = { model: 'm', hardware: 'cpu', gpus: 0, precision: 'fp32', batchMax: 4 };
  const profile = linearProfile({ ...about, stage: 'encode', source: 's' }, { fixedMs: 10 });
  const entry = { ...profile, name: 'e', startS: 0, load: [] };
  const metrics = await serveTargetMetrics(0);
  try {
    metrics.observe({
      pool: firstPool({ service: 'encoder', entry, tokens: 100, targetMs: 50 }, 3),
      sample: {
        ...{ atMs: 0, loadTokensPerS: 700, capacityTokensPerS: 250, ready: 2, startMs: 0 },
      },
      decision: { kind: 'wait', target: 3 },
    });
    const text = await (await fetch(metrics.url)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('isotherm_'));
    expect(lines).toEqual([
      'isotherm_autoscale_target_instances{stage="encode"} 3',
      'isotherm_autoscale_ready_instances{stage="encode"} 2',
      'isotherm_autoscale_load_tokens_per_second{stage="encode"} 700',
      'isotherm_autoscale_capacity_tokens_per_second{stage="encode"} 250',
      'isotherm_autoscale_trust_share{stage="encode"} 1',
    ]);
    expect((await fetch(`${metrics.url}/other`)).status).toBe(404);
  } finally {
    await metrics.close();
  }
});
