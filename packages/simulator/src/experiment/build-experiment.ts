import type { ModelProfile, ProfileEntry } from '@isotherm/kernel';
import { defaultRoomSettings, exampleRoom, type RoomPlan } from '@isotherm/plant';
import { multimodalArrivals } from '../arrivals/multimodal.ts';
import { dayOfClients, type RateCurve, weekCurve } from '../arrivals/rate-curve.ts';
import { serveGenArrivals, type ServeGenClient } from '../arrivals/serve-gen.ts';
import { type Trace, traceArrivals } from '../arrivals/trace.ts';
import { randomStream } from '../chance/xoshiro.ts';
import type { Awareness } from '../room/room-coupling.ts';
import type { Pool, Role, Slo } from '../pipeline/deployment.ts';
import { profileCost } from '../stations/profile-cost.ts';
import type { StageCost } from '../stations/stage-cost.ts';
import type {
  ArmDocument,
  DeploymentDocument,
  ExperimentDocument,
  PoolDocument,
  RequestsDocument,
  RoomDocument,
  SloDocument,
} from './experiment-document.ts';
import type { Experiment, ExperimentDeployment } from './experiment.ts';

/** What the files that an experiment names have in them, by the names that it gives them. */
export interface ExperimentFiles {
  readonly profiles: ReadonlyMap<string, ModelProfile>;
  readonly traces: ReadonlyMap<string, Trace>;
  /** Clients of ServeGen's folders. */
  readonly clients?: ReadonlyMap<string, readonly ServeGenClient[]>;
  readonly plan?: RoomPlan;
  /** Hourly temperatures of the plan's weather file. */
  readonly hourlyC?: readonly number[];
}

/** Stages that a profile has to say the costs of, for each role. */
const stagesOfRole = {
  encode: ['encode'],
  prefill: ['prefill'],
  decode: ['decode'],
  text: ['prefill', 'decode'],
  whole: ['encode', 'prefill', 'decode'],
} as const satisfies Readonly<Record<Role, readonly string[]>>;

/** One run of an experiment. Throws a RangeError for what its files do not have: `referenceProblems` tells of all of them. */
export const buildExperiment = (
  document: ExperimentDocument,
  files: ExperimentFiles,
  arm: ArmDocument,
  seed: number,
): Experiment => {
  const { room } = document;
  const plan = room?.plan.kind === 'example' ? exampleOf(room, arm) : files.plan;
  return {
    ...{ seed, durationMs: document.durationS * 1000, warmUpMs: document.warmUpS * 1000 },
    ...{ levers: arm.levers, awareness: awarenessOf(arm), routing: arm.routing },
    ...(document.sampleMax !== undefined && { sampleMax: document.sampleMax }),
    deployments: document.deployments.map((each) => deploymentOf(each, files, arm)),
    ...(room !== undefined &&
      plan !== undefined && {
        room: {
          ...{ plan, periodMs: room.periodS * 1000, planPeriodMs: room.planPeriodS * 1000 },
          settings: { ...defaultRoomSettings, substepSMax: room.substepS },
          ...(files.hourlyC !== undefined && { hourlyC: files.hourlyC }),
          ...{ disturbances: arm.disturbances ?? room.disturbances },
          ...{ riseSpreadShare: room.riseSpreadShare },
          opaqueUtilisation: room.opaqueUtilisation,
          ...(room.quietPeriodS !== undefined && { quietPeriodMs: room.quietPeriodS * 1000 }),
          ...(room.customers !== undefined && { customers: room.customers }),
        },
      }),
  };
};

/** An example room whose limits are as the arm says, under the weather of the document. */
const exampleOf = ({ plan, weather }: RoomDocument, arm: ArmDocument): RoomPlan => {
  if (plan.kind !== 'example') throw new RangeError('the room is no example');
  const { oversubscription: power, airOversubscription: air = power } = arm;
  return exampleRoom({
    ...plan.options,
    ...(power !== undefined && { powerOversubscription: 1 + power }),
    ...(air !== undefined && { airOversubscription: 1 + air }),
    ...(weather !== undefined && { outside: { kind: 'epw', ...weather } }),
  });
};

const awarenessOf = ({ aware, uniformCaps }: ArmDocument): Awareness => ({
  ...{ stages: aware.includes('stages'), horizonS: aware.includes('heat') ? Infinity : 0 },
  ...{ forecast: aware.includes('trend'), uniformCaps },
});

/** What is wrong between a document and its files, with the place of each. */
export const referenceProblems = (
  document: ExperimentDocument,
  files: ExperimentFiles,
): readonly { readonly path: string; readonly message: string }[] =>
  document.deployments.flatMap((deployment, index) => {
    const profile = files.profiles.get(deployment.profile);
    if (profile === undefined) return [];
    const lists: (readonly [string, readonly PoolDocument[], boolean])[] = [
      [`deployments[${index}].pools`, deployment.pools, deployment.colocate !== undefined],
      ...document.arms.flatMap(({ pools, colocate = deployment.colocate }, arm) =>
        pools === undefined && colocate === deployment.colocate
          ? []
          : [[`arms[${arm}].pools`, pools ?? deployment.pools, colocate !== undefined] as const],
      ),
    ];
    return [
      ...aloneProblems(deployment, `deployments[${index}].slo.alone`, profile),
      ...lists.flatMap(([path, pools, colocates]) => [
        ...pools.flatMap((pool, at) => poolProblems(pool, `${path}[${at}]`, profile, colocates)),
        ...rolesProblem(pools, path),
      ]),
    ];
  });

const aloneProblems = ({ slo }: DeploymentDocument, path: string, profile: ModelProfile) => {
  if (slo.kind === 'fixed') return [];
  const { stages } = slo;
  return poolProblems(
    { role: 'whole', stages, count: 1, order: 'first-come' },
    path,
    profile,
    false,
  );
};

const poolProblems = (
  pool: PoolDocument,
  path: string,
  profile: ModelProfile,
  colocates: boolean,
) => {
  const found = pool.stages.map((name) => profile.stages.find((stage) => stage.name === name));
  const known = profile.stages.map(({ name }) => name).join(', ');
  const runsPrompts = pool.role === 'text' || pool.role === 'prefill';
  const needed = [...stagesOfRole[pool.role], ...(colocates && runsPrompts ? ['encode'] : [])];
  const missing = needed.filter((stage) => !found.some((entry) => entry?.stage === stage));
  return [
    ...pool.stages.flatMap((name, at) =>
      found[at] === undefined
        ? [{ path: `${path}.stages[${at}]`, message: `${name} is not in the profile: ${known}` }]
        : [],
    ),
    ...missing.map((stage) => ({ path: `${path}.stages`, message: `lacks one of ${stage}` })),
  ];
};

const rolesProblem = (pools: readonly PoolDocument[], path: string) => {
  const has = (role: Role): boolean => pools.some((pool) => pool.role === role);
  const isServed = has('whole') || has('text') || (has('prefill') && has('decode'));
  return isServed ? [] : [{ path, message: 'need text, whole, or prefill and decode' }];
};

const deploymentOf = (
  document: DeploymentDocument,
  files: ExperimentFiles,
  { pools = document.pools, colocate = document.colocate }: ArmDocument,
): ExperimentDeployment => {
  const profile = files.profiles.get(document.profile);
  if (profile === undefined) throw new RangeError(`no profile ${document.profile}`);
  const { shape, reading, name } = profile;
  const prefill = profile.stages.find(({ stage }) => stage === 'prefill');
  const msPerByte = 1 / (document.transferGbPerS * 1e6);
  return {
    ...{ model: name, reading, mediaTokenShare: prefill?.mediaTokenShare ?? 1 },
    pools: pools.map((pool) => poolOf(pool, profile)),
    transfer: {
      latencyMs: document.transferLatencyMs,
      // Two bytes a number.
      embeddingMsPerToken: 2 * shape.hiddenSize * msPerByte,
      kvMsPerToken: shape.kvBytesPerToken * msPerByte,
    },
    ...(document.parametersB !== undefined && { parametersB: document.parametersB }),
    slo: sloOf(document.slo, profile),
    answerTokensExpected: document.answerTokensExpected,
    ...(colocate !== undefined && { colocate }),
    arrivals: (seed) => {
      const { requests } = document;
      const curve = curveOf(requests, files);
      const options = {
        ...{ imagesMax: requests.imagesMax, imageTokens: shape.imageTokens },
        ...(curve !== undefined && { curve }),
      };
      if (requests.kind === 'drawn') {
        const random = randomStream(seed, `arrivals of ${name}`);
        return multimodalArrivals({ ...requests, ...options }, random);
      }
      if (requests.format === 'servegen') {
        const clients = files.clients?.get(requests.file) ?? [];
        return serveGenArrivals(clients, requests, randomStream(seed, `arrivals of ${name}`));
      }
      const trace = files.traces.get(requests.file);
      if (trace === undefined) throw new RangeError(`no trace ${requests.file}`);
      return traceArrivals(trace, { ...options, rateScale: requests.rateScale });
    },
  };
};

const curveOf = ({ week }: RequestsDocument, files: ExperimentFiles): RateCurve | undefined => {
  if (week === undefined) return undefined;
  const day =
    week.day.kind === 'hours'
      ? { stepMs: 3_600_000, rates: week.day.rates }
      : dayOfClients(files.clients?.get(week.day.file) ?? []);
  return weekCurve(day, week.weekdays);
};

const sloOf = (slo: SloDocument, profile: ModelProfile): Slo => {
  if (slo.kind === 'fixed') return slo;
  const { ttftTimes, tbtTimes, stages } = slo;
  const costOf = (stage: ProfileEntry['stage']): StageCost => {
    const entry = profile.stages.find((each) => each.stage === stage && stages.includes(each.name));
    if (entry === undefined) throw new RangeError(`no ${stage} among ${stages.join(', ')}`);
    return profileCost(entry);
  };
  const costs = { encode: costOf('encode'), prefill: costOf('prefill'), decode: costOf('decode') };
  return { ttftMs: Infinity, tbtMs: Infinity, alone: { ttftTimes, tbtTimes, costs } };
};

const poolOf = ({ role, stages, count, order }: PoolDocument, profile: ModelProfile): Pool => {
  const entries = stages.map((name): ProfileEntry => {
    const entry = profile.stages.find((stage) => stage.name === name);
    if (entry === undefined) throw new RangeError(`no stage ${name} in ${profile.name}`);
    return entry;
  });
  const costs = Object.fromEntries(entries.map((entry) => [entry.stage, profileCost(entry)]));
  const kvTokensMax = entries.find(({ stage }) => stage === 'decode')?.kvTokensMax;
  // Stages of one instance share its GPUs.
  const gpus = Math.max(1, ...entries.map((entry) => entry.gpus));
  return { role, count, gpus, costs, order, ...(kvTokensMax !== undefined && { kvTokensMax }) };
};
