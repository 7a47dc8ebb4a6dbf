import type { Quantity } from '../../telemetry/quantity.ts';
import type { RawReading } from '../../telemetry/reading.ts';

/** One value of a chip below /sys/class/hwmon (Documentation/hwmon/sysfs-interface of Linux). */
export interface HwmonValue {
  /** Text of the chip's `name`. */
  readonly chip: string;
  /** The how manieth chip of this name, from 0, in the order of the folders' numbers. */
  readonly order: number;
  /** As in `temp1`, `power1`, `fan1`. */
  readonly sensor: string;
  /** Text of its `_label`, else empty. */
  readonly label: string;
  /** As the file has it: thousandths of degrees, millionths of watts. */
  readonly raw: string;
}

/** A rule for sensors that nobody can know by their names: which value is what of the server. */
export interface HwmonRule {
  readonly chip: string;
  /** Absent: any of this chip. */
  readonly label?: string | undefined;
  readonly sensor?: string | undefined;
  /** Absent: of the server itself. */
  readonly gpu?: number | undefined;
  readonly quantity: Quantity;
}

interface KnownSensor {
  readonly chip: RegExp;
  readonly sensor: RegExp;
  readonly label: RegExp;
  readonly of: 'server' | 'gpu';
  readonly quantity: Quantity;
}

/** What drivers call what we know: the ACPI power meter, AMD's GPUs, and boards that label their inlets. */
const knownSensors: readonly KnownSensor[] = [
  { chip: /^power_meter$/, sensor: /^power/, label: /^/, of: 'server', quantity: 'power_w' },
  { chip: /^amdgpu$/, sensor: /^temp/, label: /^junction$/, of: 'gpu', quantity: 'core_c' },
  { chip: /^amdgpu$/, sensor: /^temp/, label: /^mem$/, of: 'gpu', quantity: 'memory_c' },
  { chip: /^amdgpu$/, sensor: /^power/, label: /^/, of: 'gpu', quantity: 'power_w' },
  { chip: /^/, sensor: /^temp/, label: /\b(?:inlet|intake)\b/i, of: 'server', quantity: 'inlet_c' },
  {
    chip: /^/,
    sensor: /^temp/,
    label: /\b(?:exhaust|outlet)\b/i,
    of: 'server',
    quantity: 'exhaust_c',
  },
];

/** Readings of what rules name, and of what is known by its name where no rule says otherwise. */
export const hwmonReadings = (
  values: readonly HwmonValue[],
  server: string,
  rules: readonly HwmonRule[],
): readonly RawReading[] => {
  const found = new Map<string, RawReading>();
  for (const value of values) {
    const reading = readingOf(value, server, rules);
    if (reading === undefined) continue;
    const key = `${reading.id} ${reading.quantity}`;
    const before = found.get(key);
    // Several sensors of one thing: the hottest counts, and the first power.
    const hotter = reading.quantity.endsWith('_c') && reading.value > (before?.value ?? -Infinity);
    if (before === undefined || hotter) found.set(key, reading);
  }
  return [...found.values()];
};

const readingOf = (
  value: HwmonValue,
  server: string,
  rules: readonly HwmonRule[],
): RawReading | undefined => {
  const number = valueOf(value);
  const rule = rules.find(
    ({ chip, label, sensor }) =>
      chip === value.chip &&
      (label === undefined || label === value.label) &&
      (sensor === undefined || sensor === value.sensor),
  );
  if (rule !== undefined) {
    const { gpu, quantity } = rule;
    return gpu === undefined
      ? { level: 'server', id: server, quantity, value: number }
      : { level: 'gpu', id: `${server}/${gpu}`, quantity, value: number };
  }
  const known = knownSensors.find(
    ({ chip, sensor, label }) =>
      chip.test(value.chip) && sensor.test(value.sensor) && label.test(value.label),
  );
  if (known === undefined) return undefined;
  const id = known.of === 'gpu' ? `${server}/${value.order}` : server;
  return { level: known.of, id, quantity: known.quantity, value: number };
};

const valueOf = ({ sensor, raw }: HwmonValue): number => {
  if (!/^-?\d{1,15}$/.test(raw)) return Number.NaN;
  return Number(raw) / (sensor.startsWith('power') ? 1e6 : sensor.startsWith('temp') ? 1e3 : 1);
};
