import { instanceId, type Stage } from '@isotherm/kernel';
import type { InstanceView } from '@isotherm/policy';
import type { Simulation } from '../engine/simulation.ts';
import type { Host } from '../host/host.ts';
import { createBatchBank } from '../stations/batch-bank.ts';
import { encodeAllMs, type StageCost } from '../stations/stage-cost.ts';
import type { Job, StationBank } from '../stations/station-bank.ts';
import { createTextBank, type PromptCost } from '../stations/text-bank.ts';
import type { Deployment, Pool, Role } from './deployment.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { RequestTable } from './request-table.ts';

/** What policies see of an instance, kept up to date in place: copying a fleet for each decision would cost more than it. */
export type LiveView = { -readonly [Key in keyof InstanceView]: InstanceView[Key] } & {
  /** Its number in the fleet. */
  readonly index: number;
};

export interface FleetInstance {
  readonly index: number;
  readonly deployment: number;
  readonly role: Role;
  readonly gpus: number;
  /** What of its time does not follow the clock, and how large its model is; undefined: as the plant has it. */
  readonly clockFixedShare: number;
  readonly parametersB: number | undefined;
  /** Sequences that it decodes at once; 0 where it decodes none. */
  readonly seats: number;
  /** The stations of its pool, and its own number among them. */
  readonly bank: StationBank;
  readonly station: number;
  readonly view: LiveView;
}

/** Who is told what of the instances' work. */
export interface FleetEvents {
  onEncoded(instance: number, job: Job): void;
  onPrompt(instance: number, job: Job): void;
  onAnswer(instance: number, job: Job): void;
  /** A step of decode at an instance of a deployment has made so many tokens, so long after the ones before. */
  onTokens(deployment: number, gapMs: number, tokens: number): void;
}

/** The stage that work for an instance of a role is routed as. */
export const stageOf = (role: Role): Stage => (role === 'text' ? 'prefill' : role);

export const createFleet = (
  simulation: Simulation,
  deployments: readonly Deployment[],
  requests: RequestTable,
  events: FleetEvents,
  hosts: readonly Host[] = [],
): readonly FleetInstance[] => {
  const instances: FleetInstance[] = [];
  deployments.forEach((deployment, number) => {
    for (const pool of deployment.pools) {
      const first = instances.length;
      const host = pool.host === undefined ? undefined : hosts[pool.host];
      const bank = bankOf({ simulation, deployment, number, pool, requests, events, first, host });
      for (let station = 0; station < pool.count; station += 1) {
        const index = first + station;
        const view = viewOf(index, deployment, pool, station);
        const { role, gpus } = pool;
        const { parametersB } = deployment;
        const clockFixedShare = clockFixedShareOf(pool);
        const seats = stageOf(role) === 'encode' || role === 'prefill' ? 0 : seatsOf(pool);
        instances.push({
          ...{ index, deployment: number, role, gpus, seats, bank, station, view },
          ...{ clockFixedShare, parametersB },
        });
      }
    }
  });
  return instances;
};

const seatsOf = ({ costs }: Pool): number => costs.decode?.batchMax ?? 0;

/** Of a role with several stages, of the one that follows the clock the most. */
const clockFixedShareOf = ({ costs }: Pool): number =>
  Math.min(1, ...Object.values(costs).map(({ clockFixedShare = 0 }) => clockFixedShare));

const nothing: ReadonlySet<string> = new Set();
const noStages: ReadonlySet<Stage> = new Set();

/** All fields of all views, in one literal: objects that are laid out alike are what decisions by the million are fast with. */
const viewOf = (
  index: number,
  { model }: Deployment,
  { role, contextMax = Infinity, kvTokensMax = 0 }: Pool,
  each: number,
): LiveView => ({
  index,
  id: instanceId(`${model}-${role}-${each}`),
  stage: stageOf(role),
  model,
  takes: 'tensors',
  ready: true,
  tripped: false,
  capacity: 1,
  contextMax,
  bookedTokens: 0,
  reportedTokens: 0,
  headroom: undefined,
  processId: '',
  sharesWith: noStages,
  queueAgeMs: 0,
  cacheKeys: nothing,
  kvBytes: 0,
  kvBytesMax: kvTokensMax,
});

interface BankSeed {
  readonly simulation: Simulation;
  readonly deployment: Deployment;
  /** The deployment's number. */
  readonly number: number;
  readonly pool: Pool;
  readonly requests: RequestTable;
  readonly events: FleetEvents;
  /** Number of its first instance in the fleet. */
  readonly first: number;
  readonly host: Host | undefined;
}

const bankOf = (seed: BankSeed): StationBank => {
  const { simulation, pool, requests, events, first } = seed;
  const { order = 'first-come', count: stations } = pool;
  const shared = { stations, order, ...(seed.host !== undefined && { host: seed.host }) };
  switch (pool.role) {
    case 'encode':
      return createBatchBank(simulation, {
        ...{ ...shared, ...patienceOf(pool), kind: 'encode', cost: costOf(pool, 'encode') },
        tokensOf: (job) => requests.columns.mediumTokens[job] as number,
        sizeOf: (job) =>
          (requests.columns.media[job] as number) * (requests.columns.mediumTokens[job] as number),
        onDone: (station, job) => events.onEncoded(first + station, job),
      });
    case 'prefill':
      return createBatchBank(simulation, {
        ...{ ...shared, ...patienceOf(pool), kind: 'prefill', cost: costOf(pool, 'prefill') },
        tokensOf: promptTokensOf(seed),
        ...(encodesBeside(seed) && { beforeMsOf: encodeMsOf(seed) }),
        onDone: (station, job) => events.onPrompt(first + station, job),
      });
    case 'decode':
    case 'text':
    case 'whole':
      return textBankOf(seed);
    default:
      return pool.role satisfies never;
  }
};

const patienceOf = ({ patience }: Pool): Pick<Pool, 'patience'> =>
  patience === undefined ? {} : { patience };

const textBankOf = (seed: BankSeed): StationBank => {
  const { simulation, pool, requests, events, first, number, host } = seed;
  const { order = 'first-come', kvTokensMax = Infinity, count: stations } = pool;
  const context = contextTokensOf(seed);
  const own = {
    ...{ stations, decode: costOf(pool, 'decode'), order, kvTokensMax },
    ...(host !== undefined && { host, stepsAhead: pool.stepsAhead ?? 0 }),
    onTokens: (gapMs: number, tokens: number) => events.onTokens(number, gapMs, tokens),
    onDone: (station: number, job: Job) => events.onAnswer(first + station, job),
  };
  const answer = (job: Job): number => requests.columns.answerTokens[job] as number;
  if (pool.role === 'decode') {
    // Its first token came with the prompt.
    return createTextBank(simulation, {
      ...own,
      contextOf: (job) => context(job) + 1,
      answerOf: (job) => answer(job) - 1,
    });
  }
  return createTextBank(simulation, {
    ...{ ...own, contextOf: context, answerOf: answer, prompt: promptCostOf(seed) },
    onFirstToken: (station, job) => events.onPrompt(first + station, job),
  });
};

const promptCostOf = (seed: BankSeed): PromptCost => {
  const { pool, requests } = seed;
  const prefill = { prefill: costOf(pool, 'prefill'), tokensOf: promptTokensOf(seed) };
  if (pool.role !== 'whole' && !encodesBeside(seed)) return prefill;
  const encode = {
    cost: costOf(pool, 'encode'),
    mediaOf: (job: Job) => requests.columns.mediaLeft[job] as number,
    tokensOf: (job: Job) => requests.columns.mediumTokens[job] as number,
  };
  return { ...prefill, encode };
};

/** Whether its instances that run prompts encode what the decider leaves to them. */
const encodesBeside = ({ deployment }: BankSeed): boolean => deployment.colocate !== undefined;

const encodeMsOf = (seed: BankSeed) => {
  const cost = costOf(seed.pool, 'encode');
  return (job: Job): number => {
    const { mediaLeft, mediumTokens } = seed.requests.columns;
    return encodeAllMs(cost, mediaLeft[job] as number, mediumTokens[job] as number);
  };
};

const promptTokensOf =
  ({ requests, deployment: { mediaTokenShare } }: BankSeed) =>
  (job: Job): number =>
    promptTokens(requests, mediaTokenShare, job);

/** What a sequence's KV cache begins with: a model with cross-attention keeps its media beside it, in the same memory. */
const contextTokensOf = promptTokensOf;

const costOf = (pool: Pool, stage: 'encode' | 'prefill' | 'decode'): StageCost => {
  const cost = pool.costs[stage];
  if (cost === undefined) throw new RangeError(`a pool of ${pool.role} needs costs of ${stage}`);
  return cost;
};
