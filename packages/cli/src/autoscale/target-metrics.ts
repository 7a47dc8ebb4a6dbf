import { openMetricsDoor } from '@isotherm/runtime/metrics';
import { Gauge, Registry } from 'prom-client';
import type { PoolStep } from './pool.ts';

/** Prometheus text of what the autoscaler wants and sees, for HPA, KEDA and dashboards. */
export interface TargetMetrics {
  /** http://host:port/metrics */
  readonly url: string;
  observe(step: PoolStep): void;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** `port` 0 takes a free one. */
export const serveTargetMetrics = async (port: number): Promise<TargetMetrics> => {
  const registry = new Registry();
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({
      name: `isotherm_autoscale_${name}`,
      help,
      labelNames: ['stage'],
      registers: [registry],
    });
  const target = gauge('target_instances', 'Instances that are wanted.');
  const ready = gauge('ready_instances', 'Instances that take work.');
  const load = gauge('load_tokens_per_second', 'Tokens a second that the stage worked through.');
  const capacity = gauge('capacity_tokens_per_second', 'What one instance does within the SLO.');
  const trust = gauge('trust_share', 'Share of that capacity that is believed.');
  const door = await openMetricsDoor(`${host}:${port}`, registry);
  return {
    url: `http://${door.address}/metrics`,
    observe: ({ pool, sample }) => {
      const labels = { stage: pool.plan.entry.stage };
      target.set(labels, pool.state.target);
      ready.set(labels, sample.ready);
      load.set(labels, sample.loadTokensPerS);
      capacity.set(labels, sample.capacityTokensPerS);
      trust.set(labels, pool.state.trust);
    },
    close: () => door.close(),
  };
};
