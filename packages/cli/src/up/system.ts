import { fileURLToPath } from 'node:url';
import { Fault } from '@isotherm/kernel';
import {
  type ServiceName,
  serviceNames,
  type ServiceProcess,
  startLocalStack,
  startServiceProcess,
} from '@isotherm/stack';
import type { UpPlan } from './up-plan.ts';
import type { Where } from './up-event.ts';

/** Running services, whether as processes of their own or all in one. */
export interface System {
  /** Where the first living router listens. */
  where(): Where;
  /** All processes that were started, those that have died included. */
  processes(): readonly ServiceProcess[];
  /** Starts a service again in the place of one that has died, or one more of it. */
  replace(service: string): Promise<ServiceProcess>;
  /** Processes of a service that are being started now, after the first ones. */
  starting(service: string): number;
  /** Where the living thermal service listens; empty where there is none. */
  thermal(): string;
  stop(): Promise<void>;
}

export type Log = (service: string, line: string) => void;

export const startSeparate = async (plan: UpPlan, redisUrl: string, log: Log): Promise<System> => {
  const stack = await startLocalStack({
    redisUrl,
    shape: plan.shape,
    colocate: plan.colocate,
    settings: plan.settings,
    settingsOf: { router: plan.routerSettings, thermal: plan.thermalSettings },
    gpusEach: plan.gpusEach,
    settingsOfEach: plan.settingsOfEach,
    log,
  });
  return {
    where: () => whereOf(stack.instances('router')),
    processes: () => serviceNames.flatMap((service) => stack.instances(service)),
    replace: (service) => stack.add(service as ServiceName),
    starting: (service) => stack.adding(service as ServiceName),
    thermal: () => stack.thermal,
    stop: () => stack.stop(),
  };
};

const embeddedMain = fileURLToPath(
  new URL('../../../../services/embedded/dist/main.js', import.meta.url),
);
const readyMsMax = 60_000;
const stopGraceMs = 15_000;

export const startInOneProcess = async (plan: UpPlan, log: Log): Promise<System> => {
  const [upstream = {}, another] = plan.settingsOfEach.upstream ?? [];
  if (another !== undefined) {
    throw new Fault('unsupported', 'Several servers need an instance each, and with that a Redis.');
  }
  if ('ISOTHERM_MODEL_DIRS' in plan.routerSettings) {
    throw new Fault(
      'unsupported',
      'Several models need instances of their own, and with that a Redis.',
    );
  }
  const environment = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ISOTHERM_REFLECTION: 'true',
    ...plan.settings,
    ...plan.routerSettings,
    ...upstream,
    ISOTHERM_ENCODERS: String(Math.max(1, plan.shape.encoder)),
    ISOTHERM_PREFILLS: String(Math.max(1, plan.shape.prefill)),
    ISOTHERM_DECODES: String(Math.max(1, plan.shape.decode)),
  };
  const processes: ServiceProcess[] = [];
  const start = async (): Promise<ServiceProcess> => {
    const service = 'embedded';
    const process = await startServiceProcess({
      ...{ service, main: embeddedMain, environment, readyMsMax },
      log: (line) => log(service, line),
    });
    processes.push(process);
    return process;
  };
  await start();
  return {
    where: () => whereOf(processes),
    processes: () => processes,
    replace: start,
    ...{ starting: () => 0, thermal: () => '' },
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop(stopGraceMs)));
    },
  };
};

const whereOf = (routers: readonly ServiceProcess[]): Where => {
  const living = routers.find((one) => one.alive()) ?? routers[0];
  return { http: living?.ready.http ?? '', grpc: living?.ready.address ?? '' };
};
