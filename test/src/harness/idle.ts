import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary } from '@isotherm/rpc';
import { instancesOf, type ServiceName, type ServiceProcess } from '@isotherm/stack';
import type { Deployment } from './deployment.ts';
import { until } from './until.ts';

/** A machine that others use answers late. */
const callMsMax = 10_000;

export const routerStatus = (
  { peers }: Deployment,
  address: string,
): Promise<RouterGetStatusResponse> =>
  callUnary<RouterGetStatusResponse>((callback) =>
    peers.router(address).getStatus({}, { deadline: Date.now() + callMsMax }, callback),
  );

export const stageStatus = (
  { peers }: Deployment,
  address: string,
): Promise<StageGetStatusResponse> =>
  callUnary<StageGetStatusResponse>((callback) =>
    peers.stage(address).getStatus({}, { deadline: Date.now() + callMsMax }, callback),
  );

export const living = ({ stack }: Deployment, service: ServiceName): readonly ServiceProcess[] =>
  stack.instances(service).filter((process) => process.alive());

const stageServices = ['colocated', 'encoder', 'prefill', 'decode', 'upstream'] as const;

/**
 * Everything that any living process holds on behalf of a request; empty when the deployment is
 * idle.
 */
export const heldAnywhere = async (deployment: Deployment): Promise<readonly string[]> => {
  const routers = living(deployment, 'router').map(async ({ ready }) => {
    const status = await routerStatus(deployment, ready.address);
    const onInstances = status.instances.reduce((sum, each) => sum + each.pendingTokens, 0);
    const { requests, bookings, leases } = status;
    return held(status.routerId, { requests, bookings, leases, onInstances });
  });
  const stages = stageServices.flatMap((service) =>
    living(deployment, service)
      .flatMap(instancesOf)
      .map(async ({ address }) => {
        const status = await stageStatus(deployment, address);
        const { running = 0, waiting = 0, pendingTokens = 0 } = status.load ?? {};
        const { leases, leaseBytes } = status;
        const { kvBytes = 0, kvWaitingBytes = 0 } = status.load ?? {};
        const work = { running, waiting, pendingTokens, kvBytes, kvWaitingBytes };
        return held(status.instanceId, { ...work, leases, leaseBytes });
      }),
  );
  return (await Promise.all([...routers, ...stages])).flat();
};

const held = (owner: string, amounts: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(amounts).flatMap(([what, amount]) =>
    amount === 0 ? [] : [`${owner} holds ${what} ${amount}`],
  );

/** Requests, bookings, jobs and leases are zero everywhere within the bound: nothing has leaked. */
export const untilIdle = async (deployment: Deployment, msMax = 5000): Promise<void> => {
  let last: readonly string[] = [];
  await until(
    () => `idle; ${last.join('; ')}\n${deployment.logs.slice(-20).join('\n')}`,
    async () => {
      // Somebody who does not answer is not known to be idle.
      last = await heldAnywhere(deployment).catch((error: unknown) => [String(error)]);
      return last.length === 0;
    },
    msMax,
  );
};
