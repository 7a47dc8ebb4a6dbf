import {
  type Disturbance,
  type GpuDemand,
  type GpuId,
  gpuId,
  outsideAtC,
  type Room,
  type RoomPlan,
  type RoomSettings,
  type SpreadOptions,
} from '@isotherm/plant';
import {
  configurationKey,
  type GpuState,
  type Headroom,
  type Levers,
  noHeadroom,
  planDefaults,
  type Profile,
} from '@isotherm/policy';
import type { Simulation } from '../engine/simulation.ts';
import { type FleetInstance, stageOf } from '../pipeline/fleet.ts';
import { usageKinds } from '../stations/usage.ts';
import { clockProfiles, plugWPerGpuW, speedAt } from './clock-profiles.ts';
import type { CustomerOptions } from './customers.ts';
import { createForecast } from './forecast.ts';
import { planNeedOf } from './plan-need.ts';
import { levelStatesOf } from './level-states.ts';
import { carryOut, type FleetPlanInput, opaqueId, planFleet } from './plan-fleet.ts';
import type { PlacedInstance } from './placed-instance.ts';
import { gpuStateOf, headroomOf, serverShares } from './room-headroom.ts';
import { createRoomRecord, type RoomRecord } from './room-record.ts';
import { type SettledRoom, settleRoom } from './settle-room.ts';
import { isQuiet } from './quiet.ts';

export interface RoomCouplingOptions {
  readonly plan: RoomPlan;
  /** The room is stepped and read once in this time, */
  readonly periodMs: number;
  /** once in this where nothing is near a limit (`isQuiet`), as long as `periodMs` where absent, */
  readonly quietPeriodMs?: number;
  /** and configurations are planned once in this; `periodMs` where absent. */
  readonly planPeriodMs?: number;
  readonly durationMs: number;
  readonly levers: Levers;
  /** What happens at which time, in seconds. */
  readonly disturbances?: readonly TimedDisturbance[];
  /** Hourly temperatures of a plan's weather file. */
  readonly hourlyC?: readonly number[];
  readonly settings?: RoomSettings;
  readonly spread?: SpreadOptions;
  /** Is told when instances take work again that took none: what waits for one may go. */
  readonly onReady?: () => void;
  /** What GPUs of opaque tenants are busy with, 0 to 1, by server and second. */
  readonly opaqueUtilisation?: (server: number, atS: number) => number;
  /** Customers that come with opaque servers and are placed with everybody else, instead of the plan's opaque servers. */
  readonly customers?: CustomerOptions & { readonly seed: number };
  readonly awareness?: Awareness;
}

/** What those who steer know, and by what they steer. */
export interface Awareness {
  /** Of stages: what follows the clock, when plans are made. Without it all work is taken to. (Routing: `RoutePolicy`.) */
  readonly stages: boolean;
  /** How far ahead temperatures are looked at, in seconds; Infinity: as they settle. */
  readonly horizonS: number;
  /** How much levels' powers are expected to rise by their trend and their unrest; without it, not at all. */
  readonly forecast: boolean;
  /** Everybody below a limit is capped alike: what plans of ours are compared with. */
  readonly uniformCaps: boolean;
}

export const awarenessDefaults: Awareness = {
  ...{ stages: true, horizonS: Infinity, forecast: false, uniformCaps: false },
};

export interface TimedDisturbance {
  readonly fromS: number;
  readonly untilS: number;
  readonly disturbance: Disturbance;
}

export interface RoomCoupling {
  readonly room: Room;
  readonly placed: readonly PlacedInstance[];
  readonly record: RoomRecord;
  /** Instances for which no place was left: they take no work. */
  readonly unplaced: number;
}

/**
 * Joins instances to a room: how busy they are is what their GPUs are asked for, what the room grants is how fast they go, what
 * its limits leave is what routing sees, and plans turn clocks.
 */
export const coupleRoom = (
  simulation: Simulation,
  instances: readonly FleetInstance[],
  options: RoomCouplingOptions,
): RoomCoupling => {
  const { plan, periodMs, levers, hourlyC, settings, spread } = options;
  const awareness = options.awareness ?? awarenessDefaults;
  const outsideC = (atS: number): number => outsideAtC(plan.outside, atS, hourlyC);
  const settled = settleRoom({
    ...{ plan, instances, levers, roomOptions: { settings, spread, outsideC: outsideC(0) } },
    ...(options.customers !== undefined && { customers: options.customers }),
  });
  const { room, ratings } = settled;
  const placed = placedOf(settled, instances, awareness);
  const record = createRoomRecord(options.durationMs / 1000, periodMs / 1000);
  const demand = new Map<GpuId, GpuDemand>();
  const opaque = opaqueDemands(settled, demand, options);
  for (const { place, demand: own } of placed) {
    for (const gpu of place.gpus) demand.set(gpuId(place.server, gpu), own);
  }
  const opaqueCaps = new Map<number, number>();
  const readers = placed.map((each) => createReader(each, simulation));
  const opaqueServers = new Map(
    room.state.layout.servers.map(({ plan: { id } }, server) => [opaqueId(id), server]),
  );
  const byId = new Map<string, PlacedInstance>(placed.map((each) => [each.instance.view.id, each]));
  const forecast = awareness.forecast ? createForecast() : undefined;
  const horizonS = awareness.horizonS;

  let plannedMs = -Infinity;
  const decide = (isEmergency: boolean, dtS: number): void => {
    const { state } = room;
    const now = levelStatesOf(state, ratings);
    const levels = forecast === undefined ? now : forecast(now, dtS);
    const shares = serverShares(state, levels);
    const gpus: GpuState[] = [];
    const tell: (() => boolean)[] = [];
    for (const each of placed) {
      const own = each.gpus.map((gpu) => gpuStateOf(state, gpu, each.kind, horizonS));
      gpus.push(...own);
      if (levers.route) tell.push(() => tellHeadroom(each, shares.get(each.place.server), own));
    }
    tellAll(tell, options);
    const sinceMs = state.atS * 1000 - plannedMs + 1e-6;
    if (sinceMs < (options.planPeriodMs ?? periodMs)) return;
    if (!(levers.reconfigure || awareness.uniformCaps)) return;
    const need = opaqueCaps.size > 0 ? 'limit' : planNeedOf(levels, gpus, placed);
    // Nobody gets anything back before `dwellS` has passed.
    if (need === 'none' || (need === 'release' && sinceMs < planDefaults.dwellS * 1000)) return;
    plannedMs = state.atS * 1000;
    const input: FleetPlanInput = {
      ...{ state, ratings, levels, placed, gpus, opaqueCaps, levers, isEmergency },
      isUniform: awareness.uniformCaps,
    };
    for (const action of planFleet(input).actions) {
      const opaqueServer = opaqueServers.get(action.instance);
      carryOut(action, { placed: byId.get(action.instance), opaqueServer, opaqueCaps, input });
    }
    tellAll(tell, options);
  };

  const opaqueCount = Math.max(1, opaqueCountOf(room));
  let lastMs = 0;
  const tick = simulation.add(1, () => {
    const nowMs = simulation.time[0] as number;
    const dtMs = nowMs - lastMs;
    lastMs = nowMs;
    const dtS = dtMs / 1000;
    const atS = room.state.atS;
    for (const read of readers) read(dtMs);
    opaque(atS, opaqueCaps);
    const disturbances = (options.disturbances ?? [])
      .filter(({ fromS, untilS }) => fromS <= atS && atS < untilS)
      .map(({ disturbance }) => disturbance);
    room.step({ dtS, outsideC: outsideC(atS), demand, disturbances });
    record.note(room.state, dtS, {
      outsideC: outsideC(atS),
      slowedShare: placed.filter(isSlowed).length / Math.max(1, placed.length),
      opaqueCappedShare: opaqueCaps.size / opaqueCount,
    });
    let isAnyBack = false;
    for (const each of placed) isAnyBack = grant(each, room, awareness) || isAnyBack;
    if (isAnyBack) options.onReady?.();
    const isEmergency = disturbances.some(({ kind }) => kind !== 'heat-wave');
    if (awareness.uniformCaps && !isEmergency) freeAll(placed, opaqueCaps);
    else if (levers.route || levers.reconfigure || awareness.uniformCaps) decide(isEmergency, dtS);
    const { quietPeriodMs = periodMs } = options;
    const isCalm = quietPeriodMs > periodMs && disturbances.length === 0 && isQuiet(room.state);
    tick.set(0, nowMs + (isCalm ? quietPeriodMs : periodMs));
  });
  tick.set(0, periodMs);
  return { room, placed, record, unplaced: instances.length - placed.length };
};

/** What is stopped is told to take nothing, as it is now: nobody sends there. True where one takes work again. */
const tellHeadroom = (
  { instance: { view }, setting }: PlacedInstance,
  share: Pick<Headroom, 'powerShare' | 'binding'> | undefined,
  gpus: readonly GpuState[],
): boolean => {
  const isBack = view.headroom === noHeadroom && !setting.stopped;
  view.headroom = setting.stopped || share === undefined ? noHeadroom : headroomOf(share, gpus);
  return isBack;
};

const tellAll = (
  tell: readonly (() => boolean)[],
  { onReady }: Pick<RoomCouplingOptions, 'onReady'>,
): void => {
  let isAnyBack = false;
  for (const one of tell) isAnyBack = one() || isAnyBack;
  if (isAnyBack) onReady?.();
};

const opaqueCountOf = ({ state: { layout } }: Room): number =>
  layout.servers.filter(({ plan: { tenant } }) => tenant === 'opaque').length;

const isSlowed = ({ demand: { clockShare, powerLimitW } }: PlacedInstance): boolean =>
  clockShare < 1 || powerLimitW !== undefined;

/** Caps for everybody know no way back but the end of what they were for. */
const freeAll = (placed: readonly PlacedInstance[], opaqueCaps: Map<number, number>): void => {
  opaqueCaps.clear();
  for (const each of placed) {
    if (each.setting.capW === undefined) continue;
    const { configuration, stopped } = each.setting;
    each.setting = { configuration, stopped };
    each.demand.powerLimitW = undefined;
  }
};

const placedOf = (
  { room, ratings, places }: SettledRoom,
  instances: readonly FleetInstance[],
  awareness: Awareness,
): readonly PlacedInstance[] => {
  const { layout } = room.state;
  return instances.flatMap((instance, index): readonly PlacedInstance[] => {
    const place = places[index];
    const server = layout.servers.findIndex(({ plan }) => plan.id === place?.server);
    const at = layout.servers[server];
    const rating = ratings.servers[server];
    if (place === undefined || at === undefined || rating === undefined) {
      instance.view.ready = false;
      return [];
    }
    const gpus = place.gpus.map((gpu) => at.firstGpu + gpu);
    const stage = stageOf(instance.role);
    const kind = stage === 'whole' ? 'prefill' : stage;
    const own = gpus.flatMap((gpu) => layout.gpus[gpu] ?? []);
    const { parametersB } = instance;
    const clockFixedShare = awareness.stages ? instance.clockFixedShare : 0;
    const known = { kind, model: instance.view.model, batch: typicalBatch };
    const work = { ...known, clockFixedShare, parametersB };
    const profilesAt = steppedProfiles((busyFloor) =>
      clockProfiles({ ...work, busyFloor }, own, rating, at.gpuCount),
    );
    const profiles = profilesAt(0);
    const [full] = profiles;
    const configuration = full === undefined ? '' : configurationKey(full.configuration);
    return [
      {
        ...{ instance, place, server, gpus, profiles, profilesAt, kind, load: 0 },
        ...{ clockShare: 1, speed: 1 },
        demand: {
          ...{ stage: kind, utilisation: 0, batch: 1, precision: 'bf16', clockShare: 1 },
          ...{ powerLimitW: undefined, tensorParallel: gpus.length },
          activeParametersB: parametersB,
        },
        ...{ setting: { configuration, stopped: false }, changedAtS: -Infinity },
      },
    ];
  });
};

/** Profiles for so many floors between 0 and 1, each made once. */
const floorSteps = 8;

const steppedProfiles = (
  make: (busyFloor: number) => readonly Profile[],
): ((busyFloor: number) => readonly Profile[]) => {
  const made: (readonly Profile[] | undefined)[] = [];
  return (busyFloor) => {
    const step = Math.round(Math.min(1, Math.max(0, busyFloor)) * floorSteps);
    return (made[step] ??= make(step / floorSteps));
  };
};

/** Work that profiles are made for. */
const typicalBatch = 16;
/** How fast a load that fell is believed. */
const loadFallS = 30;

/**
 * Reads how busy an instance was since the last time, and at what most. What it is meant to do is, of decoding, the share of its
 * seats that are taken: one sequence keeps it as busy as a hundred.
 */
const createReader = (
  placed: PlacedInstance,
  { time }: Simulation,
): ((periodMs: number) => void) => {
  const { bank, station, seats } = placed.instance;
  const busyBefore = new Float64Array(usageKinds.length);
  const batchBefore = new Float64Array(usageKinds.length);
  return (periodMs) => {
    let [total, most, batch, meant] = [0, -1, 1, 0];
    for (let kind = 0; kind < usageKinds.length; kind += 1) {
      const busyMs = bank.usage.busyMs(station, kind);
      const batchMs = bank.usage.batchMs(station, kind);
      const grownMs = busyMs - (busyBefore[kind] as number);
      const grownBatchMs = batchMs - (batchBefore[kind] as number);
      busyBefore[kind] = busyMs;
      batchBefore[kind] = batchMs;
      total += grownMs;
      meant += usageKinds[kind] === 'decode' ? grownBatchMs / Math.max(1, seats) : grownMs;
      if (grownMs <= most) continue;
      most = grownMs;
      if (grownMs > 0) {
        placed.kind = usageKinds[kind] ?? 'decode';
        batch = grownBatchMs / grownMs;
      }
    }
    const elapsedMs = Math.max(1e-9, Math.min(periodMs, time[0] as number));
    const utilisation = Math.min(1, total / elapsedMs);
    placed.demand.stage = placed.kind;
    placed.demand.utilisation = utilisation;
    placed.demand.batch = Math.max(1, batch);
    const done = Math.min(1, meant / elapsedMs) * placed.speed;
    const isHeldBack = meant > 0.9 * elapsedMs && placed.clockShare < 1;
    const kept = loadFallS / (loadFallS + periodMs / 1000);
    placed.profiles = placed.profilesAt(utilisation - done);
    if (done >= placed.load) placed.load = done;
    else if (!isHeldBack) placed.load = done + (placed.load - done) * kept;
  };
};

/** The clock that the hottest, or the most held back, of its GPUs is left; true where it takes work again. */
const grant = (
  placed: PlacedInstance,
  { state }: Room,
  awareness: Pick<Awareness, 'stages'>,
): boolean => {
  let clockShare = 1;
  for (const gpu of placed.gpus) {
    clockShare = Math.min(clockShare, state.gpus.clockShare[gpu] ?? 1);
  }
  const { view, bank, station } = placed.instance;
  const isBack = !view.ready && clockShare > 0;
  view.ready = clockShare > 0;
  if (clockShare !== placed.clockShare) {
    placed.clockShare = clockShare;
    const fixed = awareness.stages ? placed.instance.clockFixedShare : 0;
    placed.speed = speedAt(clockShare, fixed);
    bank.setClock(station, clockShare);
  }
  return isBack;
};

/** Puts opaque tenants' work into the demand, once; returns what brings it up to date. */
const opaqueDemands = (
  { room, ratings, opaqueUtilisation: ofCustomers }: SettledRoom,
  demand: Map<GpuId, GpuDemand>,
  { opaqueUtilisation: given = () => 0.6 }: RoomCouplingOptions,
): ((atS: number, caps: ReadonlyMap<number, number>) => void) => {
  const { layout } = room.state;
  const opaqueUtilisation = ofCustomers ?? given;
  const tenants = layout.servers.flatMap(({ plan, firstGpu, gpuCount }, server) => {
    const power = layout.gpus[firstGpu]?.kind.power;
    const rating = ratings.servers[server];
    if (plan.tenant !== 'opaque' || power === undefined || rating === undefined) return [];
    const own: { -readonly [Key in keyof GpuDemand]: GpuDemand[Key] } = {
      ...{ stage: 'other', utilisation: 0, batch: 1, precision: 'bf16', clockShare: 1 },
      powerLimitW: undefined,
    };
    for (const { id } of layout.gpus.slice(firstGpu, firstGpu + gpuCount)) demand.set(id, own);
    const factor = plugWPerGpuW(rating, gpuCount, power.ratedW - power.idleW);
    const limitOf = (capW: number): number =>
      power.idleW + Math.max(0, capW - rating.idleW) / (factor * gpuCount);
    return [{ server, own, limitOf }];
  });
  return (atS, caps) => {
    for (const { server, own, limitOf } of tenants) {
      own.utilisation = opaqueUtilisation(server, atS);
      const capW = caps.get(server);
      own.powerLimitW = capW === undefined ? undefined : limitOf(capW);
    }
  };
};
