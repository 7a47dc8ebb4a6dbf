import type { Quantity } from '../../telemetry/quantity.ts';
import type { RawReading } from '../../telemetry/reading.ts';
import type { ThrottleCounters, ThrottleGrowth } from '../throttle-growth.ts';
import type { Sample } from './exposition.ts';

/** Where an exporter's GPUs are in the room. */
export interface GpuMapping {
  /** Server by the exporter's `Hostname`; a name that is not here is a server's own. */
  readonly servers: ReadonlyMap<string, string>;
  /** GPU as `SERVER/INDEX` by its `UUID`; goes before `servers`. */
  readonly gpus: ReadonlyMap<string, string>;
  /** Set: all GPUs of the exporter are in this server, whatever it calls its host. */
  readonly server: string | undefined;
}

/** What every metric of DCGM's device fields begins with. */
export const dcgmPrefix = 'DCGM_FI_DEV_';

interface Field {
  readonly quantity: Quantity;
  /** Ours in one of theirs. */
  readonly scale?: number;
  /** Zero is how the field says that there is no such sensor. */
  readonly zeroIsNone?: boolean;
}

/**
 * Fields by their names without the prefix (NVIDIA/dcgm-exporter, etc/default-counters.csv), with the names that later
 * releases of DCGM give them. Limits come as margins from newer drivers: a margin is 0 at the highest operating temperature.
 */
const fields: Readonly<Record<string, Field>> = {
  GPU_TEMP: { quantity: 'core_c' },
  GPU_TEMP_LIMIT: { quantity: 'core_margin_c' },
  GPU_TEMP_MARGIN_CELSIUS: { quantity: 'core_margin_c' },
  MEMORY_TEMP: { quantity: 'memory_c', zeroIsNone: true },
  POWER_USAGE: { quantity: 'power_w' },
  TOTAL_ENERGY_CONSUMPTION: { quantity: 'energy_j', scale: 1e-3 },
  GPU_UTIL: { quantity: 'utilisation', scale: 1e-2 },
  MEM_COPY_UTIL: { quantity: 'memory_utilisation', scale: 1e-2 },
  SM_CLOCK: { quantity: 'clock_mhz' },
};
const reasonFields = ['CLOCKS_EVENT_REASONS', 'CLOCK_THROTTLE_REASONS'] as const;
const counterFields: Readonly<Record<string, keyof ThrottleCounters>> = {
  THERMAL_VIOLATION: 'thermal',
  POWER_VIOLATION: 'power',
  BOARD_LIMIT_VIOLATION: 'power',
};

interface GpuBook {
  readonly values: Map<string, number>;
}

/** Turns samples into readings: one of each quantity of each GPU, in the order of the text. */
export const dcgmReadings = (
  samples: readonly Sample[],
  mapping: GpuMapping,
  growth: ThrottleGrowth,
): readonly RawReading[] => {
  const gpus = new Map<string, GpuBook>();
  for (const { name, labels, value } of samples) {
    const id = gpuOf(labels, mapping);
    if (id === undefined) continue;
    const book = gpus.get(id) ?? { values: new Map<string, number>() };
    gpus.set(id, book);
    const field = name.slice(dcgmPrefix.length);
    // MIG instances repeat what their GPU has: the first one tells it.
    if (!book.values.has(field)) book.values.set(field, value);
  }
  return [...gpus].flatMap(([id, { values }]) => readingsOf(id, values, growth));
};

const gpuOf = (
  labels: ReadonlyMap<string, string>,
  { servers, gpus, server }: GpuMapping,
): string | undefined => {
  const mapped = gpus.get(labels.get('UUID') ?? '');
  if (mapped !== undefined) return mapped;
  const index = labels.get('gpu');
  const host = labels.get('Hostname') ?? '';
  if (index === undefined || (server === undefined && host === '')) return undefined;
  return `${server ?? servers.get(host) ?? host}/${index}`;
};

const readingsOf = (
  id: string,
  values: ReadonlyMap<string, number>,
  growth: ThrottleGrowth,
): readonly RawReading[] => {
  const readings: RawReading[] = [];
  const told = new Set<Quantity>();
  for (const [name, { quantity, scale = 1, zeroIsNone = false }] of Object.entries(fields)) {
    const value = values.get(name);
    if (value === undefined || told.has(quantity) || (zeroIsNone && value === 0)) continue;
    told.add(quantity);
    readings.push({ level: 'gpu', id, quantity, value: value * scale });
  }
  const reasons = reasonsOf(id, values, growth);
  if (reasons !== undefined) {
    readings.push({ level: 'gpu', id, quantity: 'throttle_reasons', value: reasons });
  }
  return readings;
};

const reasonsOf = (
  id: string,
  values: ReadonlyMap<string, number>,
  growth: ThrottleGrowth,
): number | undefined => {
  const gauge = reasonFields.map((name) => values.get(name)).find((value) => value !== undefined);
  const sums: { thermal: number | undefined; power: number | undefined } = {
    ...{ thermal: undefined, power: undefined },
  };
  for (const [name, counter] of Object.entries(counterFields)) {
    const value = values.get(name);
    if (value !== undefined) sums[counter] = (sums[counter] ?? 0) + value;
  }
  const counted = sums.thermal !== undefined || sums.power !== undefined;
  if (!counted) return gauge;
  const grown = growth.since(id, sums);
  // A gauge that cannot be true is passed on as it is: bits are only added to a mask.
  return gauge === undefined
    ? grown
    : Number.isInteger(gauge) && gauge >= 0
      ? gauge | grown
      : gauge;
};
