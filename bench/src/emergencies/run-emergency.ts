import { startHotStack } from '../heat/hot-stack.ts';
import { watchRoom } from '../heat/room-watcher.ts';
import { emergencyOutcome, type EmergencyOutcome } from './emergency-outcome.ts';
import { type EmergencySample, emergencySampleOf } from './emergency-sample.ts';
import {
  type EmergencyArm,
  emergencyArms,
  emergencyPlaces,
  type EmergencyKind,
  type EmergencyParameters,
  tightened,
} from './kinds.ts';

export interface EmergencyResult extends EmergencyOutcome {
  readonly emergency: string;
  /** Who gives; `undisturbed`: there is no emergency, and nobody has to. */
  readonly arm: EmergencyArm | 'undisturbed';
  readonly requests: number;
  readonly timeScale: number;
  readonly samples: readonly EmergencySample[];
}

/** Absent emergency: there is none. */
export type RunKind = Omit<EmergencyKind, 'emergency'> & Partial<Pick<EmergencyKind, 'emergency'>>;

/** One emergency on a stack of its own: calm, the emergency, and what comes after it; or the same time without one. */
export const runEmergency = async (
  redisUrl: string,
  kind: RunKind,
  arm: EmergencyArm | 'undisturbed',
  parameters: EmergencyParameters,
): Promise<EmergencyResult> => {
  const { calmMs, onMs, afterMs, powerShare } = parameters;
  const { timeScale, airShare, emergency } = kind;
  const stack = await startHotStack(
    redisUrl,
    'emergencies',
    { ...parameters, timeScale },
    {
      settings: arm === 'undisturbed' ? {} : emergencyArms[arm],
      ...{ places: emergencyPlaces, change: tightened(powerShare, airShare) },
    },
  );
  const room = watchRoom(stack.peers, stack.thermal, emergencySampleOf);
  try {
    const driving = stack.drive(calmMs + onMs + afterMs);
    await sleep(calmMs);
    const declaredAt = room.samples.length;
    if (emergency !== undefined) await stack.declare(emergency);
    await sleep(onMs);
    const clearedAt = room.samples.length;
    if (emergency !== undefined) await stack.clear();
    const driven = await driving;
    await room.stop();
    const { samples } = room;
    const run = {
      ...{ driven, timeScale, before: samples.slice(0, declaredAt) },
      ...{ during: samples.slice(declaredAt, clearedAt), after: samples.slice(clearedAt) },
      taken: emergency?.kind === 'ups' ? (emergency.scope?.id ?? '') : '',
    };
    return {
      ...{ emergency: kind.name, arm, requests: driven.length, timeScale, samples },
      ...emergencyOutcome(run, parameters),
    };
  } finally {
    await room.stop();
    await stack.close();
  }
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
