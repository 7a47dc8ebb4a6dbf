import type { RawReading } from '../../telemetry/reading.ts';
import type { Look } from '../polling/polling-source.ts';
import { createThrottleGrowth, type ThrottleGrowth } from '../throttle-growth.ts';
import { type RedfishClient, RedfishStatusError } from './redfish-client.ts';
import {
  findInventory,
  type InventoryOptions,
  type RedfishInventory,
} from './redfish-inventory.ts';
import type { Resource } from './redfish-json.ts';
import {
  environmentReadings,
  gpuEnvironmentReadings,
  powerReadings,
  processorReadings,
  type RedfishTarget,
  thermalReadings,
} from './redfish-readings.ts';

export interface RedfishOptions extends Omit<InventoryOptions, 'processors'> {
  readonly target: RedfishTarget;
  /** Most requests of one look; what would need more is left out and said. */
  readonly requestsMax: number;
  /** Requests at once: management controllers are small machines. */
  readonly parallelMax: number;
}

/** Looks after which the controller is walked again: what was plugged in is found; sooner where the walk had gaps. */
const looksPerWalk = 300;
const looksPerBrokenWalk = 30;
/** Looks in a row without any reading before it is walked again. */
const emptyLooksMax = 3;

/** Looks at a management controller (DMTF Redfish, ThermalSubsystem and later; not the deprecated Thermal and Power). */
export const redfishLook = (
  client: RedfishClient,
  options: RedfishOptions,
): ((signal: AbortSignal) => Promise<Look>) => {
  const growth = createThrottleGrowth();
  let inventory: RedfishInventory | undefined;
  let looksLeft = 0;
  let emptyLooks = 0;

  return async (signal) => {
    const round = requestRound(client, options.requestsMax, signal);
    if (inventory === undefined || looksLeft <= 0 || emptyLooks >= emptyLooksMax) {
      inventory = await findInventory(round.read, {
        ...options,
        processors: options.target.level === 'server',
      });
      looksLeft = round.problem() === undefined ? looksPerWalk : looksPerBrokenWalk;
      emptyLooks = 0;
    }
    looksLeft -= 1;
    const reads = readsOf(inventory, options.target, growth);
    const readings = await inParallel(reads, options.parallelMax, async ({ path, readingsOf }) => {
      const resource = await round.read(path);
      return resource === undefined ? [] : readingsOf(resource);
    });
    const problem = round.problem();
    if (readings.length > 0) {
      emptyLooks = 0;
      return problem === undefined ? { readings } : { readings, problem };
    }
    emptyLooks += 1;
    if (reads.length === 0) inventory = undefined;
    throw new Error(problem ?? 'The controller has no chassis or processor with readings.');
  };
};

interface Round {
  /** Undefined where a resource cannot be had; the first reason is kept. */
  readonly read: (path: string) => Promise<Resource | undefined>;
  problem(): string | undefined;
}

const requestRound = (client: RedfishClient, requestsMax: number, signal: AbortSignal): Round => {
  let requests = 0;
  let failed = 0;
  let first: string | undefined;
  const note = (problem: string): undefined => {
    failed += 1;
    first ??= problem;
  };
  return {
    read: async (path) => {
      requests += 1;
      if (requests > requestsMax) return note(`more than ${requestsMax} requests in one look`);
      try {
        return await client.get(path, signal);
      } catch (error) {
        // Nothing else will go better: the time is over, or it does not let us in.
        const status = error instanceof RedfishStatusError ? error.status : 0;
        if (signal.aborted || status === 401 || status === 403) throw error;
        return note(error instanceof Error ? error.message : String(error));
      }
    },
    problem: () => (first === undefined ? undefined : `${failed} not read; ${first}`),
  };
};

interface Read {
  readonly path: string;
  readonly readingsOf: (resource: Resource) => readonly RawReading[];
}

/** The air first: what is beyond the bound of requests is what others know as well. */
const readsOf = (
  { thermalMetrics, environmentMetrics, powerSubsystems, gpus }: RedfishInventory,
  target: RedfishTarget,
  growth: ThrottleGrowth,
): readonly Read[] => {
  const of = (
    paths: readonly string[],
    readings: (resource: Resource, target: RedfishTarget) => readonly RawReading[],
  ): readonly Read[] =>
    paths.map((path) => ({ path, readingsOf: (resource) => readings(resource, target) }));
  return [
    ...of(thermalMetrics, thermalReadings),
    ...of(environmentMetrics, environmentReadings),
    ...(target.level === 'server' ? [] : of(powerSubsystems, powerReadings)),
    ...gpus.flatMap(({ index, metrics, environmentMetrics: environment }) => {
      const id = `${target.id}/${index}`;
      return [
        ...of(list(environment), (resource) => gpuEnvironmentReadings(resource, id)),
        ...of(list(metrics), (resource) => processorReadings(resource, id, growth)),
      ];
    }),
  ];
};

const list = (path: string | undefined): readonly string[] => (path === undefined ? [] : [path]);

/** Readings of the first resource that has a quantity count: two chassis of a server tell the same. */
const inParallel = async (
  reads: readonly Read[],
  parallelMax: number,
  run: (read: Read) => Promise<readonly RawReading[]>,
): Promise<readonly RawReading[]> => {
  const found = new Map<string, RawReading>();
  for (let from = 0; from < reads.length; from += parallelMax) {
    const batch = await Promise.all(reads.slice(from, from + parallelMax).map(run));
    for (const reading of batch.flat()) {
      const key = `${reading.level} ${reading.id} ${reading.quantity}`;
      if (!found.has(key)) found.set(key, reading);
    }
  }
  return [...found.values()];
};
