import { join } from 'node:path';
import {
  type ServiceName,
  type ServiceProcess,
  type StackShape,
  startLocalStack,
  startServiceProcess,
} from '@isotherm/stack';
import { repositoryRoot } from '../../report/repository.ts';
import { watchLoopDelays } from './loop-delay.ts';
import type { System } from './system.ts';

/** How Isotherm is deployed. */
export interface Deployment {
  readonly modelDir: string;
  /** `services`: a process a stage over Redis. `embedded`: all of them in one process. */
  readonly kind: 'services' | 'embedded';
  readonly shape?: Partial<StackShape>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly settingsOf?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
}

let started = 0;
const readyMsMax = 180_000;
const stopGraceMs = 15_000;

export const startIsotherm = async (deployment: Deployment, redisUrl: string): Promise<System> => {
  const delays = await watchLoopDelays();
  const settings = {
    ISOTHERM_MODEL_DIR: deployment.modelDir,
    ISOTHERM_PREFIX: `bench-serving-${process.pid}-${(started += 1)}`,
    ...deployment.settings,
    ...delays.settings,
  };
  try {
    const running =
      deployment.kind === 'embedded'
        ? await embedded(settings)
        : await services(deployment, settings, redisUrl);
    await delays.read(running.processes);
    return {
      name: 'isotherm',
      targets: running.targets,
      processes: running.processes,
      loopDelayP99Ms: () => delays.read(running.processes),
      stop: async () => {
        await running.stop();
        await delays.close();
      },
    };
  } catch (error) {
    await delays.close();
    throw error;
  }
};

interface Running {
  readonly targets: readonly string[];
  readonly processes: readonly ServiceProcess[];
  stop(): Promise<void>;
}

const services = async (
  { shape = {}, settingsOf = {} }: Deployment,
  settings: Readonly<Record<string, string>>,
  redisUrl: string,
): Promise<Running> => {
  const stack = await startLocalStack({ redisUrl, shape, settings, settingsOf });
  const names = ['router', 'encoder', 'prefill', 'decode'] as const;
  return {
    targets: stack.instances('router').map(({ ready }) => String(ready['http'])),
    processes: names.flatMap((name) => stack.instances(name)),
    stop: () => stack.stop(),
  };
};

const embedded = async (settings: Readonly<Record<string, string>>): Promise<Running> => {
  const child = await startServiceProcess({
    service: 'embedded',
    main: join(repositoryRoot, 'services/embedded/dist/main.js'),
    environment: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ISOTHERM_LOG_LEVEL: 'warn',
      ...settings,
    },
    readyMsMax,
    log: () => undefined,
  });
  return {
    targets: [String(child.ready['http'])],
    processes: [child],
    stop: async () => void (await child.stop(stopGraceMs)),
  };
};
