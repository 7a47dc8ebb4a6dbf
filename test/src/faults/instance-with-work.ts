import { instancesOf, type ServiceName, type ServiceProcess } from '@isotherm/stack';
import type { Deployment } from '../harness/deployment.ts';
import { living, stageStatus } from '../harness/idle.ts';
import { until } from '../harness/until.ts';

/** A process with an instance that is at work on something now: the one to kill. */
export const instanceWithWork = async (
  deployment: Deployment,
  service: Exclude<ServiceName, 'router'>,
): Promise<ServiceProcess> => {
  let busy: ServiceProcess | undefined;
  await until(`a ${service} instance with work`, async () => {
    for (const process of living(deployment, service)) {
      for (const { address } of instancesOf(process)) {
        const status = await stageStatus(deployment, address);
        if ((status.load?.running ?? 0) > 0) busy = process;
      }
    }
    return busy !== undefined;
  });
  if (busy === undefined) throw new Error('until() returned without its condition.');
  return busy;
};
