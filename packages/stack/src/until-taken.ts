import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@isotherm/kernel';
import type { RouterGetStatusResponse, StageGetStatusResponse } from '@isotherm/proto';
import { callUnary, createPeers, type Peers } from '@isotherm/rpc';
import { type InstanceFacts, instancesOf, type ServiceProcess } from './service-process.ts';

const callMsMax = 5000;
const lookEachMs = 20;
const deadline = () => ({ deadline: Date.now() + callMsMax });

export interface Taken {
  readonly routers: readonly ServiceProcess[];
  /** Processes of stages. One that has died, or takes no new work, is waited for no longer. */
  readonly stages: readonly ServiceProcess[];
  readonly msMax: number;
}

/**
 * Waits until each living router sends work to each instance of these processes that takes work. An instance that is draining
 * is alive and has left all routers, so counts of both would never agree.
 */
export const untilTaken = async ({ routers, stages, msMax }: Taken): Promise<void> => {
  const peers = createPeers();
  const endMs = performance.now() + msMax;
  try {
    await Promise.all(
      routers.map(async (router) => {
        let lacking = await lackingAt(peers, router, stages);
        while (router.alive() && lacking.length > 0) {
          if (performance.now() > endMs) throw notTaken(router, lacking);
          await delay(lookEachMs);
          lacking = await lackingAt(peers, router, stages);
        }
      }),
    );
  } finally {
    peers.close();
  }
};

const notTaken = ({ ready }: ServiceProcess, lacking: readonly InstanceFacts[]): Fault => {
  const names = lacking.map(({ instance }) => instance).join(', ');
  return new Fault('unavailable', `The router at ${ready.address} did not take up ${names}.`);
};

/** Instances that take work and that a router does not send any. */
const lackingAt = async (
  peers: Peers,
  router: ServiceProcess,
  stages: readonly ServiceProcess[],
): Promise<readonly InstanceFacts[]> => {
  const ready = await readyAt(peers, router.ready.address);
  const expected = stages.filter((process) => process.alive()).flatMap(instancesOf);
  const unknown = expected.filter(({ instance }) => !ready.has(instance));
  const taking = await Promise.all(unknown.map((one) => takesWork(peers, one.address)));
  return unknown.filter((_, index) => taking[index]);
};

const readyAt = async (peers: Peers, address: string): Promise<ReadonlySet<string>> => {
  try {
    const { instances } = await callUnary<RouterGetStatusResponse>((callback) =>
      peers.router(address).getStatus({}, deadline(), callback),
    );
    return new Set(instances.filter(({ ready }) => ready).map(({ instanceId }) => instanceId));
  } catch {
    return new Set();
  }
};

/** Who does not answer may yet. */
const takesWork = async (peers: Peers, address: string): Promise<boolean> => {
  try {
    const { state } = await callUnary<StageGetStatusResponse>((callback) =>
      peers.stage(address).getStatus({}, deadline(), callback),
    );
    return state === 'starting' || state === 'serving';
  } catch {
    return true;
  }
};
