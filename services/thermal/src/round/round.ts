import type { Clock } from '@isotherm/kernel';
import {
  type GpuDemand,
  type GpuId,
  outsideAtC,
  type Ratings,
  type RoomState,
  type WorkKind,
} from '@isotherm/plant';
import type { ToCome } from '../control/to-come.ts';
import type { EmergencyBook } from '../emergency/emergency-book.ts';
import { disturbancesOf, warmerKOf } from '../emergency/emergency.ts';
import { type LevelUse, levelUses, usesByKey } from '../estimate/level-use.ts';
import type { RoomEstimate, Surroundings } from '../estimate/room-estimate.ts';
import { type RoomView, type ViewBounds, viewRoom } from '../estimate/room-view.ts';
import {
  headroomOf,
  type HeadroomInput,
  type HeadroomSettings,
  type InstanceHeadroom,
} from '../headroom/instance-headroom.ts';
import { workKindOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { RoomFile } from '../topology/room-file.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import type { TelemetryBook } from '../telemetry/book.ts';

/** What was found in one round: everything that decisions and answers are made of. */
export interface Round {
  /** Unix time in milliseconds, and plant time in seconds. */
  readonly atMs: number;
  readonly plantS: number;
  readonly view: RoomView;
  readonly now: RoomState;
  readonly predicted: readonly RoomState[];
  readonly surroundings: Surroundings;
  readonly levels: ReadonlyMap<string, LevelUse>;
  readonly instances: readonly PlacedInstance[];
  readonly headroom: readonly InstanceHeadroom[];
  readonly input: HeadroomInput;
}

export interface RoundParts {
  readonly room: RoomFile;
  readonly index: RoomIndex;
  readonly ratings: Ratings;
  readonly book: TelemetryBook;
  readonly estimate: RoomEstimate;
  readonly emergencies: EmergencyBook;
  readonly clock: Clock;
  readonly instances: () => readonly PlacedInstance[];
  readonly plantS: () => number;
  readonly marginK: (gpu: number) => number;
  /** The same of what a server will draw. */
  readonly marginW: (server: number) => number;
  /** What was commanded and may not show yet; predictions have it in them. */
  readonly toCome: (instances: readonly PlacedInstance[], plantS: number) => ToCome;
  /** The outside reading has a declared heat wave in it already. */
  readonly outsideIsVirtual: boolean;
}

/** Looks at the room and works out what limits leave everybody. */
export const createRounds = (
  parts: RoundParts,
  bounds: ViewBounds,
  settings: HeadroomSettings,
): (() => Round) => {
  const { index, ratings, book, estimate, emergencies, clock, room } = parts;
  let lastS = parts.plantS();
  const run = (): Round => {
    const [nowMs, plantS] = [clock.nowMs(), parts.plantS()];
    const plannedOutsideC = outsideAtC(room.plan.outside, plantS, room.hourlyC);
    const view = viewRoom(index, book, { nowMs, plannedOutsideC }, bounds);
    const active = emergencies.active();
    const disturbances = disturbancesOf(active, index);
    const instances = parts.instances();
    const warmerK = parts.outsideIsVirtual ? 0 : warmerKOf(active);
    const workOf = workKinds(index, instances);
    const surroundings = { outsideC: view.outsideC + warmerK, disturbances, workOf };
    estimate.follow(view, plantS - lastS, surroundings);
    lastS = plantS;
    const now = estimate.state;
    const expected = expectedDemand(estimate.demand, parts.toCome(instances, plantS));
    const predicted = estimate.predict(settings.horizonsS, surroundings, expected);
    const uses = levelUses({
      ...{ index, ratings, book, nowMs, staleMs: bounds.staleMs },
      ...{ now, limits: now, predicted, disturbances, marginW: parts.marginW },
    });
    const levels = usesByKey(uses);
    const input = { index, view, levels, predicted, marginK: parts.marginK };
    const headroom = instances.map((instance) => headroomOf(instance, input, settings));
    return {
      ...{ atMs: nowMs, plantS, view, now, predicted, surroundings },
      ...{ levels, instances, headroom, input },
    };
  };
  return run;
};

/** What is measured, but for what will be otherwise as soon as commands are followed. */
const expectedDemand = (
  measured: ReadonlyMap<GpuId, GpuDemand>,
  { demand, limitsW }: ToCome,
): ReadonlyMap<GpuId, GpuDemand> => {
  if (demand.size === 0 && limitsW.size === 0) return measured;
  const expected = new Map([...measured, ...demand]);
  for (const [gpu, powerLimitW] of limitsW) {
    const own = expected.get(gpu);
    if (own !== undefined) expected.set(gpu, { ...own, powerLimitW });
  }
  return expected;
};

/** How each GPU is heated: by the instance there, or in ways that nobody knows. */
const workKinds = (
  { layout }: RoomIndex,
  instances: readonly PlacedInstance[],
): ((gpu: number) => WorkKind) => {
  const kinds = new Map<GpuId, WorkKind>();
  for (const { record, gpus } of instances) {
    for (const gpu of gpus) {
      const id = layout.gpus[gpu]?.id;
      if (id !== undefined) kinds.set(id, workKindOf(record.stage));
    }
  }
  return (gpu) => {
    const id = layout.gpus[gpu]?.id;
    return (id === undefined ? undefined : kinds.get(id)) ?? 'other';
  };
};
