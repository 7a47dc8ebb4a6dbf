import { linkAt, membersOf, type Resource, textAt } from './redfish-json.ts';

/** Reads a resource; undefined where it cannot be had, which is noted. */
export type ReadResource = (path: string) => Promise<Resource | undefined>;

/** Where the readings of a controller are: found once, then read again and again. */
export interface RedfishInventory {
  /** Of the chassis that is the whole server, shelf or panel. */
  readonly thermalMetrics: readonly string[];
  readonly environmentMetrics: readonly string[];
  readonly powerSubsystems: readonly string[];
  readonly gpus: readonly RedfishGpu[];
}

export interface RedfishGpu {
  /** Its index in the server, as drivers count. */
  readonly index: number;
  readonly metrics: string | undefined;
  readonly environmentMetrics: string | undefined;
}

export interface InventoryOptions {
  /** Ids of the chassis that are read; empty: all that are no part of another. */
  readonly chassis: readonly string[];
  /** Indices of GPUs by the ids of their processors; a GPU that is not here counts by its place in the order of ids. */
  readonly gpus: ReadonlyMap<string, number>;
  /** Whether processors are looked for: only in servers. */
  readonly processors: boolean;
}

/** Chassis that are parts: a GPU board has one of its own, whose power is not the server's. */
const parts = new Set([
  ...['Component', 'Module', 'Card', 'Cartridge', 'Zone', 'Expansion', 'StorageEnclosure'],
]);

export const findInventory = async (
  read: ReadResource,
  options: InventoryOptions,
): Promise<RedfishInventory> => {
  const chassis: Resource[] = [];
  for (const path of membersOf(await read('/redfish/v1/Chassis'))) {
    const wanted = options.chassis.length === 0 || options.chassis.includes(lastPart(path));
    const found = wanted ? await read(path) : undefined;
    if (found !== undefined && (options.chassis.length > 0 || !parts.has(typeOf(found)))) {
      chassis.push(found);
    }
  }
  const thermalMetrics: string[] = [];
  for (const each of chassis) {
    const subsystem = linkAt(each, 'ThermalSubsystem');
    const metrics =
      subsystem === undefined ? undefined : linkAt(await read(subsystem), 'ThermalMetrics');
    if (metrics !== undefined) thermalMetrics.push(metrics);
  }
  return {
    thermalMetrics,
    environmentMetrics: chassis.flatMap((each) => linkAt(each, 'EnvironmentMetrics') ?? []),
    powerSubsystems: chassis.flatMap((each) => linkAt(each, 'PowerSubsystem') ?? []),
    gpus: options.processors ? await findGpus(read, options.gpus) : [],
  };
};

const typeOf = (chassis: Resource): string => textAt(chassis, 'ChassisType') ?? '';

const findGpus = async (
  read: ReadResource,
  indices: ReadonlyMap<string, number>,
): Promise<readonly RedfishGpu[]> => {
  const found: { id: string; processor: Resource }[] = [];
  for (const system of membersOf(await read('/redfish/v1/Systems'))) {
    const processors = linkAt(await read(system), 'Processors');
    if (processors === undefined) continue;
    for (const path of membersOf(await read(processors))) {
      const processor = await read(path);
      if (processor !== undefined && textAt(processor, 'ProcessorType') === 'GPU') {
        found.push({ id: lastPart(path), processor });
      }
    }
  }
  const byId = new Intl.Collator('en', { numeric: true });
  return found
    .sort((one, other) => byId.compare(one.id, other.id))
    .map(({ id, processor }, order) => ({
      index: indices.get(id) ?? order,
      metrics: linkAt(processor, 'Metrics'),
      environmentMetrics: linkAt(processor, 'EnvironmentMetrics'),
    }));
};

const lastPart = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? '';
