import type { TripCurve } from '../predict/trip-curve.ts';

/**
 * A room as data: room → aisle (air); UPS → row (PDU) → rack → server → GPU. Checked by `checkRoomPlan`, whose
 * text form has the same names in snake case.
 */
export interface RoomPlan {
  readonly name: string;
  readonly outside: OutsidePlan;
  readonly cooling: CoolingPlan;
  readonly aisles: readonly AislePlan[];
  readonly ups: UpsPlan;
  readonly rows: readonly RowPlan[];
}

/** The temperature outside over time; `epw` names a weather file that whoever runs the room reads. */
export type OutsidePlan =
  | { readonly kind: 'constant'; readonly temperatureC: number }
  | { readonly kind: 'epw'; readonly file: string; readonly startHour: number }
  | { readonly kind: 'steps'; readonly points: readonly OutsidePoint[] };

export interface OutsidePoint {
  readonly atS: number;
  readonly temperatureC: number;
}

export interface CoolingPlan {
  /** Temperature of the air that AHUs supply when it is cool outside and the room is idle. */
  readonly setpointC: number;
}

/** Cold air for some rows, and what stores heat around them. */
export interface AislePlan {
  readonly id: string;
  readonly ahus: readonly AhuPlan[];
  /** Heat capacities of the air and of the metal, and how well they are coupled; by the racks where absent. */
  readonly airJk?: number | undefined;
  readonly metalJk?: number | undefined;
  readonly couplingWk?: number | undefined;
}

/** An air-handling unit. */
export interface AhuPlan {
  readonly id: string;
  readonly airflowM3s: number;
  /** Heat that its coil can take; by its airflow where absent. */
  readonly coolingW?: number | undefined;
}

export const redundancies = ['4N/3', 'N'] as const;
/** `4N/3`: what a lost unit carried goes to the others. `N`: its rows are dark. */
export type Redundancy = (typeof redundancies)[number];

export interface UpsPlan {
  readonly redundancy: Redundancy;
  readonly units: readonly UpsUnitPlan[];
}

export interface UpsUnitPlan {
  readonly id: string;
  readonly capacityW: number;
}

export interface RowPlan {
  readonly id: string;
  readonly aisle: string;
  readonly ups: string;
  /** What the row's PDU may carry for ever. */
  readonly limitW: number;
  readonly breaker: TripCurve;
  readonly racks: readonly RackPlan[];
}

export interface RackPlan {
  readonly id: string;
  readonly limitW: number;
  readonly servers: readonly ServerPlan[];
}

export const tenants = ['adjustable', 'opaque'] as const;
/** `opaque`: a customer's own machine, left alone while physics allows. `adjustable`: serves our endpoints. */
export type Tenant = (typeof tenants)[number];

export interface ServerPlan {
  readonly id: string;
  /** A key of `serverClasses`. */
  readonly kind: string;
  readonly tenant: Tenant;
  /** A cap that the server's controller holds its GPUs to. */
  readonly limitW?: number | undefined;
  /** How much warmer the air is where it stands than what its aisle supplies. */
  readonly placeBiasK: number;
}
