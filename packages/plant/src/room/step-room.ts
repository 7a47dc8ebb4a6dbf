import type { GpuDemand } from '../predict/gpu-power.ts';
import type { GpuId } from '../topology/place.ts';
import type { RoomPlan } from '../topology/room-plan.ts';
import { conditionsOf, type Disturbance } from './disturbance.ts';
import { layOut, type SpreadOptions } from './room-layout.ts';
import { type Restart, restart } from './restart.ts';
import { defaultRoomSettings, type RoomSettings } from './room-settings.ts';
import { blankState, copyState, type RoomState } from './room-state.ts';
import { moveAir } from './step-air.ts';
import { clockGpus, warmGpus, workOf } from './step-gpus.ts';
import { energizeRows, loadRows, powerServers } from './step-power.ts';

export interface RoomOptions {
  readonly settings?: RoomSettings | undefined;
  /** GPUs of a class differ by what this makes of them; all alike where absent. */
  readonly spread?: SpreadOptions | undefined;
  /** Outside before the first step. */
  readonly outsideC?: number | undefined;
}

/** What happens to a room during a step. */
export interface RoomInput {
  readonly dtS: number;
  readonly outsideC: number;
  /** GPUs that are not named are idle. */
  readonly demand: ReadonlyMap<GpuId, GpuDemand>;
  readonly disturbances: readonly Disturbance[];
  /** What somebody does before the step: servers switched on again, breakers closed. */
  readonly restarts?: readonly Restart[] | undefined;
}

/** A room that one owner steps in place; for the pure form see `initialRoom` and `stepRoom`. */
export interface Room {
  /** The state as it is now: changed by the next step. */
  readonly state: RoomState;
  /** A copy that nothing changes. */
  readonly copy: () => RoomState;
  readonly step: (input: RoomInput) => void;
}

export const createRoom = (plan: RoomPlan, options: RoomOptions = {}): Room => {
  let state = initialRoom(plan, options);
  return {
    get state() {
      return state;
    },
    copy: () => copyState(state),
    step: (input) => {
      state = stepInto(state, input);
    },
  };
};

/** A room that has stood idle for long. */
export const initialRoom = (plan: RoomPlan, options: RoomOptions = {}): RoomState => {
  const spread = options.spread ?? { seed: 0, riseSpreadShare: 0 };
  const layout = layOut(plan, options.settings ?? defaultRoomSettings, spread);
  return settledState(blankState(layout), options.outsideC ?? mildC);
};

/** The state after `dtS`: a reducer, whose argument stays as it was. */
export const stepRoom = (state: RoomState, input: RoomInput): RoomState =>
  stepInto(copyState(state), input);

/** Outside before the first step, where nobody says it. */
const mildC = 20;
/** Shorter steps divide heat capacities by next to nothing. */
const stepSMin = 1e-6;

const outsideBoundsC = { min: -60, max: 60 };

/** Steps in place; returns the same columns at a later time. */
const stepInto = (state: RoomState, input: RoomInput): RoomState => {
  const { layout } = state;
  const { substepSMax, stepSMax } = layout.settings;
  for (const what of input.restarts ?? []) restart(state, what);
  const dtS = input.dtS > stepSMin ? Math.min(input.dtS, stepSMax) : 0;
  const substeps = Math.ceil(dtS / substepSMax);
  const work = workOf(layout, input.demand);
  const conditions = conditionsOf(input.disturbances);
  const outsideC = Number.isFinite(input.outsideC)
    ? Math.min(outsideBoundsC.max, Math.max(outsideBoundsC.min, input.outsideC))
    : outsideBoundsC.max;
  for (let substep = 0; substep < substeps; substep += 1) {
    const substepS = dtS / substeps;
    energizeRows(state, conditions);
    clockGpus(state, work, substepS);
    const air = powerServers(state, substepS);
    loadRows(state, substepS);
    moveAir(state, { air, conditions, outsideC, dtS: substepS });
    warmGpus(state, air.sinkResistanceShare, substepS);
  }
  return { ...state, atS: state.atS + dtS };
};

/** Longer than anything in a room takes to settle. */
const settleS = 1e9;

/** Idle and settled: everything at the temperature that it would have in the end. */
const settledState = (state: RoomState, outsideC: number): RoomState => {
  const { layout, gpus, servers, rows, aisles } = state;
  gpus.thermalClockShare.fill(1);
  gpus.clockShare.fill(1);
  rows.live.fill(1);
  aisles.returnC.fill(layout.plan.cooling.setpointC);
  aisles.metalC.fill(layout.plan.cooling.setpointC);
  const conditions = conditionsOf([]);
  const work = workOf(layout, new Map());
  layout.servers.forEach(({ kind }, index) => {
    servers.fanSpeedShare[index] = kind.server.fans.speedMinShare;
  });
  // Twice: fans and the supply follow what the first round finds.
  for (let round = 0; round < 2; round += 1) {
    energizeRows(state, conditions);
    clockGpus(state, work, 0);
    const air = powerServers(state, settleS);
    loadRows(state, 0);
    moveAir(state, { air, conditions, outsideC, dtS: settleS });
    warmGpus(state, air.sinkResistanceShare, settleS);
  }
  return state;
};
