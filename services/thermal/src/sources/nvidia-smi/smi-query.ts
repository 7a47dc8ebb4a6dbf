import type { Quantity } from '../../telemetry/quantity.ts';
import type { RawReading } from '../../telemetry/reading.ts';

/** One field of `--query-gpu`, with the names that other drivers give it. */
export interface SmiField {
  readonly names: readonly [string, ...string[]];
  readonly quantity: Quantity;
  /** Ours in one of theirs. */
  readonly scale?: number;
}

/**
 * What is asked for (`nvidia-smi --help-query-gpu`). `temperature.gpu.tlimit` is a margin: 0 at the highest operating
 * temperature.
 */
export const smiFields: readonly SmiField[] = [
  { names: ['temperature.gpu'], quantity: 'core_c' },
  { names: ['temperature.gpu.tlimit'], quantity: 'core_margin_c' },
  { names: ['temperature.memory'], quantity: 'memory_c' },
  { names: ['power.draw'], quantity: 'power_w' },
  { names: ['utilization.gpu'], quantity: 'utilisation', scale: 1e-2 },
  { names: ['utilization.memory'], quantity: 'memory_utilisation', scale: 1e-2 },
  { names: ['clocks.sm'], quantity: 'clock_mhz' },
  {
    names: ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
    quantity: 'throttle_reasons',
  },
];

/** The fields as a driver knows them: a name of each, undefined where it has none of them. */
export type KnownFields = readonly (string | undefined)[];

export const allFields: KnownFields = smiFields.map(({ names: [name] }) => name);

export const smiArguments = (known: KnownFields): readonly string[] => [
  `--query-gpu=${['index', ...known.filter((name) => name !== undefined)].join(',')}`,
  '--format=csv,noheader',
];

const unknownField = /Field "([^"]*)" is not a valid field to query/;

/** What to ask a driver that refused a field: its older name, else everything but that. Undefined: it refused something else. */
export const withoutRefused = (known: KnownFields, output: string): KnownFields | undefined => {
  const refused = unknownField.exec(output)?.[1];
  if (refused === undefined || !known.includes(refused)) return undefined;
  return known.map((name, index) => {
    if (name !== refused) return name;
    const names: readonly string[] = smiFields[index]?.names ?? [];
    return names[names.indexOf(refused) + 1];
  });
};

/** Cells in brackets say that there is no such value: `[N/A]`, `[Not Supported]`, `[Unknown Error]`. */
const none = /^(?:\[.*\]|N\/A)$/;
/** `61.50 W`, `45 %`, `1980 MHz`. */
const numberCell = /^(-?\d+(?:\.\d+)?)(?: (?:W|%|MHz|C))?$/;
/** `0x0000000000000004`. */
const maskCell = /^(0x[0-9a-fA-F]{1,16})$/;

export interface SmiTable {
  readonly readings: readonly RawReading[];
  /** Lines that have another number of cells than was asked for. */
  readonly malformed: number;
}

/** Reads the CSV; a cell that is no number becomes NaN, which the intake puts aside with its reason. */
export const smiReadings = (text: string, server: string, known: KnownFields): SmiTable => {
  const asked = smiFields.filter((_, index) => known[index] !== undefined);
  const readings: RawReading[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [index = '', ...cells] = line.split(',').map((each) => each.trim());
    if (!/^\d{1,3}$/.test(index) || cells.length !== asked.length) {
      malformed += 1;
      continue;
    }
    asked.forEach(({ quantity, scale = 1 }, column) => {
      const shown = cells[column] ?? '';
      if (none.test(shown)) return;
      const cell = quantity === 'throttle_reasons' ? maskCell : numberCell;
      const value = Number(cell.exec(shown)?.[1] ?? Number.NaN) * scale;
      readings.push({ level: 'gpu', id: `${server}/${Number(index)}`, quantity, value });
    });
  }
  return { readings, malformed };
};
