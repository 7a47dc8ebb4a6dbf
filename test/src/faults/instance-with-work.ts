import type { ServiceName, ServiceProcess } from '@isotherm/stack';
import type { Deployment } from '../harness/deployment.ts';
import { living, stageStatus } from '../harness/idle.ts';
import { until } from '../harness/until.ts';

/** An instance that is at work on something now: the one to kill. */
export const instanceWithWork = async (
  deployment: Deployment,
  service: Exclude<ServiceName, 'router'>,
): Promise<ServiceProcess> => {
  let busy: ServiceProcess | undefined;
  await until(`a ${service} instance with work`, async () => {
    for (const instance of living(deployment, service)) {
      const status = await stageStatus(deployment, instance.ready.address);
      if ((status.load?.running ?? 0) > 0) busy = instance;
    }
    return busy !== undefined;
  });
  if (busy === undefined) throw new Error('until() returned without its condition.');
  return busy;
};
