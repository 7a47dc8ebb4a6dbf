import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { instanceId } from '@isotherm/kernel';
import { openMetricsDoor } from '@isotherm/runtime/metrics';
import type { RouterStatus } from '../router-status.ts';
import { createRouterMetrics } from './router-metrics.ts';

const counts = { waiting: 2, admitted: 9, promoted: 1, inTime: 7, late: 2 };
const status: RouterStatus = {
  ...{ routerId: 'r', models: ['m'], requests: 5, bookings: 3, leases: 2, loopDelayMs: 12 },
  hedges: { jobs: 8, hedged: 2, won: 1, refused: 0 },
  largePool: { passedOn: 21, notReached: 4, brokenOff: 1 },
  admission: {
    ...{ waiting: 2, waitingBytes: 640 },
    classes: [{ name: 'standard', ...counts, tokensInTime: 4, tokensLate: 0 }],
    refused: { queue_count: 6 } as RouterStatus['admission']['refused'],
  },
  headroom: {
    ...{ state: 'conservative', thermalId: 't', address: '', ageMs: 2500, routes: true },
  },
  routers: [
    { routerId: 'r', address: '', state: 'serving' },
    { routerId: 's', address: '', state: 'draining' },
  ],
  instances: [
    {
      ...{
        instanceId: instanceId('e1'),
        stage: 'encode',
        model: 'm',
        address: '',
        precision: '',
        place: '',
      },
      ...{ ready: true, pendingTokens: 40, reportedTokens: 41, bookings: 3, breaker: 'half_open' },
      cache: {
        ...{ name: 'embedding', entries: 1, bytes: 100, bytesMax: 1000, hits: 11, misses: 13 },
        ...{ evictions: 0, coalesced: 0, keysKnown: 1 },
      },
      headroom: {
        ...{ powerShare: 0.5, coreShare: 0.4, memoryShare: 0.6, binding: 'row:a' },
        ...{ conservative: true, stageShare: 0.4 },
      },
    },
    {
      ...{
        instanceId: instanceId('d1'),
        stage: 'decode',
        model: 'm',
        address: '',
        precision: '',
        place: '',
      },
      ...{ ready: false, pendingTokens: 0, reportedTokens: 0, bookings: 0, breaker: 'closed' },
      cache: null,
    },
  ],
};

const scraped = async (): Promise<readonly string[]> => {
  const door = await openMetricsDoor(
    '127.0.0.1:0',
    createRouterMetrics(() => status),
  );
  try {
    const response = await fetch(`http://${door.address}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    return (await response.text()).split('\n').filter((line) => line.startsWith('isotherm_'));
  } finally {
    await door.close();
  }
};

it('serves the status of a router to Prometheus', async () => {
  const encoder = '{instance="e1",stage="encode",model="m"}';
  expect(await scraped()).toEqual(
    expect.arrayContaining([
      'isotherm_router_requests 5',
      'isotherm_router_loop_delay_seconds 0.012',
      'isotherm_routers{state="draining"} 1',
      'isotherm_router_waiting_requests{class="standard"} 2',
      'isotherm_router_first_tokens_total{class="standard",in_time="false"} 2',
      'isotherm_router_token_paces_total{class="standard",in_time="true"} 4',
      'isotherm_router_refused_total{reason="queue_count"} 6',
      'isotherm_router_hedges_total{outcome="won"} 1',
      'isotherm_router_large_pool_total{outcome="passed_on"} 21',
      'isotherm_router_large_pool_total{outcome="not_reached"} 4',
      'isotherm_router_large_pool_total{outcome="broken_off"} 1',
      'isotherm_router_headroom_state{state="fresh"} 0',
      'isotherm_router_headroom_state{state="conservative"} 1',
      'isotherm_router_headroom_age_seconds 2.5',
      `isotherm_router_instance_breaker${encoder} 0.5`,
      `isotherm_router_instance_headroom_share${encoder} 0.4`,
      `isotherm_router_instance_cache_hits_total${encoder} 11`,
      'isotherm_router_instance_ready{instance="d1",stage="decode",model="m"} 0',
    ]),
  );
});

it('makes a status once for all metrics, and a new one the next time', async () => {
  let made = 0;
  const registry = createRouterMetrics(() => {
    made += 1;
    return { ...status, requests: made };
  });
  expect(await registry.metrics()).toContain('isotherm_router_requests 1\n');
  await new Promise(setImmediate);
  expect(await registry.metrics()).toContain('isotherm_router_requests 2\n');
  expect(made).toBe(2);
});

it('says nothing of heat or caches where nobody knows', async () => {
  const lines = (await scraped()).filter((line) => line.includes('d1'));
  expect(lines.filter((line) => /headroom|cache/.test(line))).toEqual([]);
  expect(lines).toHaveLength(5);
});

it('has its metrics in docs/metrics.md, all of them and no others', async () => {
  const metrics = createRouterMetrics(() => status).getMetricsAsArray();
  const docs = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  const listed = [...docs.matchAll(/^\| `(isotherm_router[\w]*)`/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(metrics.map(({ name }) => name).toSorted());
});
