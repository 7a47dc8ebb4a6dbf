/**
 * What sets a limit, from the inside out. Power flows gpu < server < rack < row < ups; an aisle is the air that its rows
 * share.
 */
export const levels = ['gpu', 'server', 'rack', 'row', 'ups', 'aisle'] as const;
export type Level = (typeof levels)[number];

/** One of them. Ids are unique within their level. */
export interface LevelRef {
  readonly level: Level;
  readonly id: string;
}

/** A level above another one. */
export interface ParentRef extends LevelRef {
  /** Share of what the lower level draws that comes by way of this one, 0 to 1; absent: all of it. */
  readonly share?: number;
}

/**
 * The state of one level as plain data. Everything is in watts: of an aisle it is the heat that its air carries away, which
 * who knows the room converts from an airflow.
 */
export interface LevelState extends LevelRef {
  /** The levels right above it: a server has its rack, a row has its UPS and its aisle. */
  readonly parents: readonly ParentRef[];
  /** Drawn now. */
  readonly usedW: number;
  /** Expected within the horizon of the caller, with all that was commanded until now. */
  readonly predictedW: number;
  /** Expected at the highest, when all that is placed there works at its peak. What is unknown counts in full. */
  readonly peakW: number;
  readonly limitW: number;
  /** Part of `peakW` that adjustable tenants draw; absent: unknown. */
  readonly adjustablePeakW?: number;
}

/** Temperatures of one GPU against its limits, in degrees Celsius. `id` is `SERVER/INDEX`. */
export interface GpuState {
  readonly id: string;
  readonly core: TemperatureState;
  readonly memory: TemperatureState;
}

export interface TemperatureState {
  readonly nowC: number;
  /** Expected within the horizon of the caller, with all that was commanded until now. */
  readonly predictedC: number;
  /** Where the hardware begins to slow down. */
  readonly limitC: number;
}

/** A level as a key of a map, and in traces: `row:r1`. */
export const levelKey = ({ level, id }: LevelRef): string => `${level}:${id}`;
