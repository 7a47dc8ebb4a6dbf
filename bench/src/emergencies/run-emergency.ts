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
  readonly arm: EmergencyArm;
  readonly requests: number;
  readonly samples: readonly EmergencySample[];
}

/** One emergency on a stack of its own: calm, the emergency, and what comes after it. */
export const runEmergency = async (
  redisUrl: string,
  kind: EmergencyKind,
  arm: EmergencyArm,
  parameters: EmergencyParameters,
): Promise<EmergencyResult> => {
  const { calmMs, onMs, afterMs } = parameters;
  const { timeScale, emergency } = kind;
  const stack = await startHotStack(
    redisUrl,
    'emergencies',
    { ...parameters, timeScale },
    { settings: emergencyArms[arm], places: emergencyPlaces, change: tightened(parameters) },
  );
  const room = watchRoom(stack.peers, stack.thermal, emergencySampleOf);
  try {
    const driving = stack.drive(calmMs + onMs + afterMs);
    await sleep(calmMs);
    const declaredAt = room.samples.length;
    await stack.declare(emergency);
    await sleep(onMs);
    const clearedAt = room.samples.length;
    await stack.clear();
    const driven = await driving;
    await room.stop();
    const { samples } = room;
    const run = {
      ...{ driven, timeScale, before: samples.slice(0, declaredAt) },
      ...{ during: samples.slice(declaredAt, clearedAt), after: samples.slice(clearedAt) },
      taken: emergency.kind === 'ups' ? (emergency.scope?.id ?? '') : '',
    };
    return {
      ...{ emergency: kind.name, arm, requests: driven.length, samples },
      ...emergencyOutcome(run, parameters),
    };
  } finally {
    await room.stop();
    await stack.close();
  }
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
