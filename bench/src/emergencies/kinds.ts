import type { ThermalEmergencyInput } from '@isotherm/proto';
import type { RawPlan } from '../heat/hot-stack.ts';
import { heatLoad, type HeatLoad } from '../heat/heat-load.ts';

/** One kind of emergency as it is declared. */
export interface EmergencyKind {
  readonly name: string;
  readonly emergency: ThermalEmergencyInput;
  /**
   * Seconds of plant time in a second: a brake is pulled after five seconds of too much power, a room warms in minutes, and
   * what decides and what moves work take real time for both.
   */
  readonly timeScale: number;
  /** Air of the room ÷ the demo's: so much that the emergency is felt, and that ours can make up for it. */
  readonly airShare: number;
}

const heat = { timeScale: 25, airShare: 0.7 };
const power = { timeScale: 5, airShare: 0.7 };

export const emergencyKinds: readonly EmergencyKind[] = [
  {
    ...{ ...heat, name: 'cooling to 90 %', airShare: 0.55 },
    emergency: { kind: 'cooling', toShare: 0.9 },
  },
  { ...power, name: 'power to 75 %', emergency: { kind: 'power', toShare: 0.75 } },
  {
    ...{ ...heat, name: 'AHU lost' },
    emergency: { kind: 'ahu', scope: { kind: 'aisle', id: 'a1/a1-ahu2' } },
  },
  {
    ...{ ...power, name: 'UPS lost' },
    emergency: { kind: 'ups', scope: { kind: 'ups', id: 'u1' } },
  },
  {
    ...{ ...heat, name: 'heat wave of 14 K', airShare: 0.5 },
    emergency: { kind: 'heat_wave', byK: 14 },
  },
];

/** Who gives: our own work first, wherever it can, or everybody alike by caps, with no other lever but where things stand. */
export const emergencyArms = {
  isotherm: {},
  uniform: { ISOTHERM_EMERGENCY_PLAN: 'uniform', ISOTHERM_LEVER_ROUTE: 'false' },
} as const;
export type EmergencyArm = keyof typeof emergencyArms;
/** Without any emergency, in the room of those of power: what answers are compared with. */
export const calmRun = { ...power, name: 'none' };

export interface EmergencyParameters extends HeatLoad {
  /** Before, while it is on, and after, in milliseconds. */
  readonly calmMs: number;
  readonly onMs: number;
  readonly afterMs: number;
  /** Power of the room ÷ the demo's: as much as what stands in it comes near. */
  readonly powerShare: number;
  /** An answer that took longer is no good, in milliseconds. */
  readonly goodMs: number;
}

const shared = {
  ...heatLoad,
  // Prompts draw the most: long ones, on more instances.
  shape: { encoder: 1, prefill: 6, decode: 2 },
  profile: { ...heatLoad.profile, prefillPromptMs: 400 },
  ...{ perS: 6, answerTokens: 12, outsideC: 28, powerShare: 0.88, goodMs: 2_500 },
};

/**
 * Where instances stand in both arms: the room was given less since, so that nobody would place all of them there now. Two
 * rows have two that run prompts, two have one.
 */
export const emergencyPlaces = {
  prefill: ['r1-k1-s1', 'r1-k2-s1', 'r2-k1-s1', 'r3-k1-s1', 'r3-k2-s1', 'r4-k1-s1'],
  decode: ['r2-k2-s1', 'r4-k2-s1'],
  encoder: ['r1-k1-s2'],
} as const;

export const fullEmergencies: EmergencyParameters = {
  ...shared,
  ...{ calmMs: 4_000, onMs: 16_000, afterMs: 14_000 },
};
export const quickEmergencies: EmergencyParameters = {
  ...shared,
  ...{ calmMs: 2_000, onMs: 6_000, afterMs: 3_000 },
};

/** A room with as much power and air as what stands in it comes near. */
export const tightened =
  (powerShare: number, airShare: number) =>
  (plan: RawPlan): void => {
    for (const unit of plan.ups.units) unit.capacity_w *= powerShare;
    for (const row of plan.rows) row.limit_w *= powerShare;
    for (const ahu of plan.aisles.flatMap(({ ahus }) => ahus)) {
      ahu.airflow_m3s *= airShare;
      ahu.cooling_w *= airShare;
    }
  };
