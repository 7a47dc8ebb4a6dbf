import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '@isotherm/kernel';
import { placesFor } from './places.ts';
import { type ServiceProcess, startServiceProcess } from './service-process.ts';
import { untilTaken } from './until-taken.ts';

/** How many instances of each service. */
export interface StackShape {
  readonly router: number;
  readonly encoder: number;
  readonly prefill: number;
  readonly decode: number;
  /** Instances in front of servers that run whole models. */
  readonly upstream: number;
  /** Thermal services: 0 or 1. With one, stage instances are placed in its room. */
  readonly thermal: number;
}

/** Services that may share a process. */
export const stageServices = ['encoder', 'prefill', 'decode'] as const;
export type StageService = (typeof stageServices)[number];

/** The stage that instances of a service are. */
export const stageOf = { encoder: 'encode', prefill: 'prefill', decode: 'decode' } as const;

/** What runs in a process of its own; `colocated` is all instances of some stages in one. */
export const serviceNames = [
  'router',
  'thermal',
  'colocated',
  ...stageServices,
  'upstream',
] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface StackOptions {
  readonly redisUrl: string;
  readonly shape?: Partial<StackShape>;
  /** Services whose instances share one process, in which payloads pass by reference. */
  readonly colocate?: readonly StageService[];
  /** Settings of all services, by environment variable. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Settings of one service, over those of all. */
  readonly settingsOf?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
  /**
   * Settings of each instance of a service, over those of the service: a started one takes the
   * first that no living one has.
   */
  readonly settingsOfEach?: Partial<
    Record<ServiceName, readonly Readonly<Record<string, string>>[]>
  >;
  /** GPUs of the room that each stage instance takes; 1 by default. */
  readonly gpusEach?: number;
  /** Takes each log line of each service. */
  log?(service: ServiceName, line: string): void;
}

/** All services as local processes: what `isotherm up`, the end-to-end tests and the benchmarks run. */
export interface LocalStack {
  /** First router's HTTP address, http://host:port. */
  readonly http: string;
  /** First router's gRPC address, host:port. */
  readonly grpc: string;
  /** The thermal service's gRPC address, host:port; empty where there is none. */
  readonly thermal: string;
  instances(service: ServiceName): readonly ServiceProcess[];
  /** Starts one more instance and waits until every router sends it work; others may be on their way out. */
  add(service: ServiceName): Promise<ServiceProcess>;
  /** Instances of a service that are being added now. */
  adding(service: ServiceName): number;
  /** Stops everything, routers first so that what runs can finish. */
  stop(): Promise<void>;
}

const defaultShape: StackShape = {
  ...{ router: 1, encoder: 1, prefill: 1, decode: 1, upstream: 0, thermal: 0 },
};
const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url));
const readyMsMax = 60_000;
const stopGraceMs = 15_000;

/** Folder of the model that this repository ships. */
export const shippedModelDir = join(repositoryRoot, 'models/panel');

export const startLocalStack = async (options: StackOptions): Promise<LocalStack> => {
  const { processes, colocated } = layoutOf(options);
  const running: ServiceProcess[] = [];
  const own = createOwnSettings(options);

  const instances = (service: ServiceName): readonly ServiceProcess[] =>
    running.filter((process) => process.service === service);
  const thermal = (): string =>
    instances('thermal').find((one) => one.alive())?.ready.address ?? '';
  const start = async (service: ServiceName): Promise<ServiceProcess> => {
    const hosted = placedIn(service, colocated);
    const { gpusEach = 1 } = options;
    const places = await placesFor(hosted, thermal(), {
      gpusEach,
      log: (line) => options.log?.('thermal', line),
    });
    const taken = own.take(service);
    const process = await startServiceProcess({
      service,
      main: join(repositoryRoot, 'services', service, 'dist/main.js'),
      environment: {
        ...environment(options, service),
        ...(service === 'colocated' && colocated),
        ...(places !== '' && { ISOTHERM_PLACE: places }),
        ...taken.settings,
      },
      readyMsMax,
      log: (line) => options.log?.(service, line),
    }).catch((error: unknown) => {
      taken.giveBack();
      throw error;
    });
    void process.exited.then(taken.giveBack);
    running.push(process);
    return process;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(instances('router').map((process) => process.stop(stopGraceMs)));
    await Promise.all(running.map((process) => process.stop(stopGraceMs)));
  };

  const startAll = async (services: readonly ServiceName[]): Promise<void> => {
    const started = await Promise.allSettled(services.map(start));
    const failed = started.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return;
    await stop();
    throw Fault.from(failed.reason);
  };
  // Who is to be placed needs the room first.
  await startAll(processes.filter((service) => service === 'thermal'));
  await startAll(processes.filter((service) => service !== 'thermal'));
  const living = (): readonly ServiceProcess[] => running.filter((process) => process.alive());
  const taken = (stages: readonly ServiceProcess[], only?: ServiceProcess): Promise<void> =>
    untilTaken({
      routers: only ? [only] : living().filter(({ service }) => service === 'router'),
      ...{ stages, msMax: readyMsMax },
    });
  await taken(living());
  const adding: ServiceName[] = [];
  const add = async (service: ServiceName): Promise<ServiceProcess> => {
    adding.push(service);
    try {
      const process = await start(service);
      // A router that is new has to know all the others; of everybody else the others have to know.
      await (service === 'router' ? taken(living(), process) : taken([process]));
      if (!process.alive()) throw new Fault('unavailable', `${service} ended while it started.`);
      return process;
    } finally {
      adding.splice(adding.indexOf(service), 1);
    }
  };
  const first = instances('router')[0];
  return {
    http: first?.ready.http ?? '',
    grpc: first?.ready.address ?? '',
    get thermal() {
      return thermal();
    },
    instances,
    add,
    adding: (service) => adding.filter((one) => one === service).length,
    stop,
  };
};

const countSettings = {
  encoder: 'ISOTHERM_ENCODERS',
  prefill: 'ISOTHERM_PREFILLS',
  decode: 'ISOTHERM_DECODES',
} as const;

/** The processes of a stack, and what the one that hosts several instances is told of them. */
const layoutOf = ({ shape, colocate = [] }: StackOptions) => {
  const counts = { ...defaultShape, colocated: Math.min(1, colocate.length), ...shape };
  const colocated: Record<string, string> = {};
  for (const service of stageServices) {
    const shares = colocate.includes(service);
    colocated[countSettings[service]] = String(shares ? counts[service] : 0);
    if (shares) counts[service] = 0;
  }
  const processes = serviceNames.flatMap((service) =>
    new Array<ServiceName>(counts[service]).fill(service),
  );
  return { processes, colocated };
};

/** Stages of the instances of a service that have a place in a room, in the order in which its process starts them. */
const placedIn = (
  service: ServiceName,
  colocated: Readonly<Record<string, string>>,
): readonly string[] => {
  if (service !== 'colocated')
    return stageServices.some((one) => one === service) ? [stageOf[service as StageService]] : [];
  return stageServices.flatMap((one) =>
    new Array<string>(Number(colocated[countSettings[one]])).fill(stageOf[one]),
  );
};

/** Nothing of the caller's environment leaks in but what a Node process needs. */
const environment = (
  options: StackOptions,
  service: ServiceName,
): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  REDIS_URL: options.redisUrl,
  ISOTHERM_MODEL_DIR: shippedModelDir,
  ISOTHERM_REFLECTION: 'true',
  ISOTHERM_LOG_LEVEL: 'warn',
  ...options.settings,
  ...options.settingsOf?.[service],
});

/** Hands out the settings of each instance, one at a time. */
const createOwnSettings = ({ settingsOfEach }: StackOptions) => {
  const free = new Map<ServiceName, Readonly<Record<string, string>>[]>();
  for (const service of serviceNames) free.set(service, [...(settingsOfEach?.[service] ?? [])]);
  return {
    take: (service: ServiceName) => {
      const settings = free.get(service)?.shift();
      const giveBack = (): void => void (settings && free.get(service)?.unshift(settings));
      return { settings: settings ?? {}, giveBack };
    },
  };
};
