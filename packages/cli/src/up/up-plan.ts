import { randomBytes } from 'node:crypto';
import { basename, relative, resolve } from 'node:path';
import type { StackOptions, StackShape, StageService } from '@isotherm/stack';
import type { PoolPlan } from '../autoscale/pool.ts';
import { CommandError } from '../exit-code.ts';
import { choosePort } from './choose-port.ts';
import { refuseToColocate, servicesText } from './colocation.ts';
import { type ModelFlags, type ModelPlan, planModels, shapeOfAll } from './model-plan.ts';
import { type UpstreamFlags, upstreamInstances } from './upstream-plan.ts';

/** The flags of `isotherm up` as they come from the command line. */
export interface UpFlags extends UpstreamFlags, ModelFlags {
  readonly demo?: boolean;
  readonly picture?: string;
  readonly question?: string;
  readonly once?: boolean;
  readonly precision: string;
  readonly encoders: number;
  readonly prefills: number;
  readonly decodes: number;
  readonly routers: number;
  /** `--no-thermal` makes it false. */
  readonly thermal?: boolean;
  readonly room?: string;
  readonly timeScale?: number;
  readonly gpus: number;
  readonly httpPort?: number;
  readonly grpcPort?: number;
  /** A deployment's file, from which instances and what they share are decided. */
  readonly plan?: string;
  readonly planOnly?: boolean;
  /** Instances follow the load, as planned so often; at most so many of a stage. */
  readonly autoscale?: boolean;
  readonly autoscaleEvery?: number;
  readonly autoscaleMax?: number;
  readonly autoscalePort?: number;
  readonly pools?: readonly PoolPlan[];
  /** Settings of all services that a plan decided, over those of the environment. */
  readonly plannedSettings?: Readonly<Record<string, string>>;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** What to start: flags and environment, checked and with their defaults. */
export interface UpPlan {
  readonly shape: StackShape;
  /** Services whose instances share one process. */
  readonly colocate: readonly StageService[];
  /** Settings of all services, by environment variable. */
  readonly settings: Readonly<Record<string, string>>;
  readonly routerSettings: Readonly<Record<string, string>>;
  readonly thermalSettings: Readonly<Record<string, string>>;
  /** GPUs of the room that each instance takes. */
  readonly gpusEach: number;
  /** Settings of each instance, where they differ. */
  readonly settingsOfEach: NonNullable<StackOptions['settingsOfEach']>;
  /** Prefix of this stack's keys in Redis, made for it alone; undefined where one was given. */
  readonly ownPrefix: string | undefined;
  /** For people. */
  readonly model: string;
  readonly services: string;
}

/** Read by the command itself, or decided here. */
const ownVariables = new Set([
  'ISOTHERM_ADDRESS',
  'ISOTHERM_STATE_DIR',
  'ISOTHERM_STOP_WITH_PARENT',
  'ISOTHERM_LISTEN',
  'ISOTHERM_HTTP_PORT',
]);

export const planUp = async (flags: UpFlags): Promise<UpPlan> => {
  const upstreams = upstreamInstances(flags);
  const { colocate = [] } = flags;
  if (colocate.length > 0) refuseToColocate(flags, upstreams.length);
  const engine = upstreams.length > 0 ? 'upstream' : flags.engine;
  const stages = engine === 'upstream' ? 0 : 1;
  const given: StackShape = {
    router: flags.routers,
    encoder: stages * flags.encoders,
    prefill: stages * flags.prefills,
    decode: stages * flags.decodes,
    upstream: upstreams.length,
    thermal: stages === 0 || flags.thermal === false || flags.embedded === true ? 0 : 1,
  };
  if (given.thermal === 0) refuseRoom(flags);
  const models = engine === 'upstream' ? noModels : planModels(flags, given);
  const shape = shapeOfAll(given, models);
  // Others may use the same Redis: what belongs to this stack has a name of its own.
  const ownPrefix = `isotherm-${randomBytes(4).toString('hex')}`;
  const settings = {
    ISOTHERM_PREFIX: ownPrefix,
    ISOTHERM_LOG_LEVEL: flags.verbose === true ? 'info' : 'warn',
    ...passedOn(process.env),
    ...flags.plannedSettings,
    ISOTHERM_ENGINE: engine,
    ISOTHERM_MODEL_DIR: models.dirs[0] ?? '',
    ISOTHERM_PRECISION: flags.precision,
  };
  return {
    shape,
    colocate,
    settings,
    routerSettings: { ...(await routerPorts(flags)), ...models.routerSettings },
    thermalSettings: roomSettings(flags),
    gpusEach: flags.gpus,
    settingsOfEach: { ...models.settingsOfEach, upstream: upstreams },
    ownPrefix: settings.ISOTHERM_PREFIX === ownPrefix ? ownPrefix : undefined,
    model: modelText(flags, engine, models),
    services: servicesText(shape, colocate),
  };
};

/** What the thermal service is told of its room. */
const roomSettings = ({ room, timeScale }: UpFlags): Readonly<Record<string, string>> => ({
  ...(room !== undefined && { ISOTHERM_ROOM_FILE: resolve(room) }),
  ...(timeScale !== undefined && { ISOTHERM_TIME_SCALE: String(timeScale) }),
});

const refuseRoom = ({ room, timeScale, embedded }: UpFlags): void => {
  const flag = room !== undefined ? '--room' : timeScale !== undefined ? '--time-scale' : undefined;
  if (flag === undefined) return;
  const why = embedded === true ? '--embedded has none' : '--no-thermal leaves it out';
  throw new CommandError(`${flag} is about the thermal service, and ${why}.`, { usage: true });
};

/** A model that a server runs is no folder here. */
const noModels: ModelPlan = { dirs: [''], routerSettings: {}, settingsOfEach: {} };

const modelText = (flags: UpFlags, engine: string, { dirs }: ModelPlan): string => {
  switch (engine) {
    case 'profile':
      return 'none: the profile engine takes given times';
    case 'upstream':
      return `${flags.model?.[0] ?? 'what it has'}, behind ${flags.upstreamServer ?? 'a server'}`;
    default:
      return dirs.map((dir) => `${basename(dir)}, ${flags.precision} (${shorter(dir)})`).join('; ');
  }
};

/** A path as a person in this folder would write it. */
export const shorter = (path: string): string => {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' ? '.' : fromHere.startsWith('..') ? path : fromHere;
};

const passedOn = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('ISOTHERM_') && value !== undefined && !ownVariables.has(name)
        ? [[name, value]]
        : [],
    ),
  );

/** Several routers cannot share a port, so each takes free ones. */
const routerPorts = async (flags: UpFlags): Promise<Record<string, string>> => {
  const { httpPort, grpcPort, routers } = flags;
  if (routers > 1) {
    if ((httpPort ?? 0) === 0 && (grpcPort ?? 0) === 0) return {};
    throw new CommandError(
      '--http-port and --grpc-port are for one router; each of several takes free ports.',
      {
        usage: true,
      },
    );
  }
  const http = await choosePort({ wanted: httpPort, preferred: 8080, option: '--http-port' });
  const grpc = await choosePort({ wanted: grpcPort, preferred: 50051, option: '--grpc-port' });
  return { ISOTHERM_HTTP_PORT: String(http), ISOTHERM_LISTEN: `127.0.0.1:${grpc}` };
};
