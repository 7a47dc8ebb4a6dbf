import { Fault } from '@isotherm/kernel';
import { CommandError } from '../exit-code.ts';
import { createLogFilter, startFailure } from './log-text.ts';
import { type ProvidedRedis, provideRedis } from './provide-redis.ts';
import { startInOneProcess, startSeparate, type System } from './system.ts';
import type { MetricsOf, Pids, Show } from './up-event.ts';
import type { UpFlags, UpPlan } from './up-plan.ts';

/** What is held and must be given back, in the order of its making. */
export interface Held {
  redis: ProvidedRedis | undefined;
  system: System | undefined;
  stopping: boolean;
}

/** Finds or starts Redis, then starts the services; without Redis all in one process. */
export const start = async (
  flags: UpFlags,
  plan: UpPlan,
  held: Held,
  show: Show,
  signal: AbortSignal,
): Promise<void> => {
  const startMs = performance.now();
  const isNews = createLogFilter();
  const log = (service: string, line: string): void => {
    // While starting and stopping a service's last words are part of the error or of no interest.
    if (held.system === undefined || held.stopping) return;
    if (isNews(service, line)) void show({ kind: 'log', service, line });
  };
  if (flags.embedded === true) await show({ kind: 'embedded', why: undefined });
  else held.redis = await redisOrWhyNot(show);
  const services = held.redis === undefined ? `1 embedded (${plan.services})` : plan.services;
  await show({ kind: 'starting', model: plan.model, services });
  try {
    held.system =
      held.redis === undefined
        ? await startInOneProcess(plan, log)
        : await startSeparate(plan, held.redis.url, log);
  } catch (error) {
    throw new CommandError(startFailure(Fault.from(error).message), { cause: error });
  }
  if (signal.aborted) return;
  const tookMs = performance.now() - startMs;
  const told = { pids: pidsOf(held.system), metrics: metricsOf(held.system) };
  await show({ kind: 'ready', tookMs, ...held.system.where(), ...told });
};

const redisOrWhyNot = async (show: Show): Promise<ProvidedRedis | undefined> => {
  try {
    const redis = await provideRedis();
    await show({ kind: 'redis', how: redis.how, url: withoutPassword(redis.url) });
    return redis;
  } catch (error) {
    await show({ kind: 'embedded', why: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
};

const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');

const metricsOf = (system: System): MetricsOf => {
  const urls: Record<string, string[]> = {};
  for (const { service, ready } of system.processes()) {
    const { metrics = '' } = ready;
    if (metrics !== '') (urls[service] ??= []).push(`http://${metrics}/metrics`);
  }
  return urls;
};

const pidsOf = (system: System): Pids => {
  const pids: Record<string, number[]> = {};
  for (const { service, pid } of system.processes()) (pids[service] ??= []).push(pid);
  return pids;
};
