import { type Level, levels } from '../topology/level.ts';

/** What a quantity may be of, and the values that a working sensor can give. */
export interface QuantityRule {
  readonly of: Partial<Readonly<Record<Level, Range>>>;
  /** Only whole numbers. */
  readonly whole?: boolean;
  /** A change of no more than this is none: the sensor's own noise. Only where a stuck sensor can be told. */
  readonly noise?: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const range = (min: number, max: number): Range => ({ min, max });

/** What silicon and its sensors survive; a reading beyond is a broken sensor, not a hot chip. */
const chipC = range(-20, 130);
const airC = range(-30, 90);
const share = range(0, 1);
/** Twice and more of what any such part of a room draws today. */
const powerW = {
  gpu: range(0, 3_000),
  server: range(0, 40_000),
  rack: range(0, 400_000),
  row: range(0, 5_000_000),
  ups: range(0, 20_000_000),
};

/** Every quantity that can be told, by its name in the contract. */
export const quantities = {
  core_c: { of: { gpu: chipC }, noise: 0.01 },
  memory_c: { of: { gpu: chipC }, noise: 0.01 },
  core_margin_c: { of: { gpu: range(-60, 150) } },
  inlet_c: { of: { server: airC } },
  exhaust_c: { of: { server: range(-30, 120) } },
  outside_c: { of: { room: range(-60, 60) } },
  supply_c: { of: { aisle: airC } },
  power_w: { of: powerW },
  energy_j: { of: { gpu: range(0, 1e15), server: range(0, 1e15) } },
  utilisation: { of: { gpu: share } },
  memory_utilisation: { of: { gpu: share } },
  clock_mhz: { of: { gpu: range(0, 6_000) } },
  clock_share: { of: { gpu: share } },
  fan_share: { of: { server: share } },
  airflow_m3s: { of: { server: range(0, 10), aisle: range(0, 2_000) } },
  throttle_reasons: { of: { gpu: range(0, 2 ** 32 - 1) }, whole: true },
  capacity_w: { of: { rack: powerW.rack, row: powerW.row, ups: powerW.ups } },
  capacity_m3s: { of: { aisle: range(0, 2_000) } },
} as const satisfies Readonly<Record<string, QuantityRule>>;

export type Quantity = keyof typeof quantities;

export const quantityNames = Object.keys(quantities) as readonly Quantity[];

export const isQuantity = (text: string): text is Quantity => Object.hasOwn(quantities, text);

export const quantityRule = (quantity: Quantity): QuantityRule => quantities[quantity];

/** In which levels a quantity is read, for a message. */
export const levelsOf = (quantity: Quantity): readonly Level[] =>
  levels.filter((level) => quantityRule(quantity).of[level] !== undefined);
