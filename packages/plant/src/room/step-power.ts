import {
  fanAirflowM3s,
  fanResistanceShare,
  predictServerPowerW,
  targetFanSpeed,
} from '../predict/server-power.ts';
import { relaxed } from '../predict/gpu-temperature.ts';
import { assumedUpsCurve, nextTripShare } from '../predict/trip-curve.ts';
import type { Conditions } from './disturbance.ts';
import type { ServerPlace } from './room-layout.ts';
import { at, type RoomState } from './room-state.ts';

/** What servers do to the air of their aisles in this step. */
export interface ServerAir {
  readonly aisleM3s: Float64Array;
  /** What faster fans leave of the heat sinks' resistance, by server. */
  readonly sinkResistanceShare: Float64Array;
}

/** Which rows have power, before a step: a tripped breaker or a lost UPS without others takes them dark. */
export const energizeRows = ({ layout, rows, ups }: RoomState, conditions: Conditions): void => {
  let alive = 0;
  layout.ups.forEach(({ id, capacityW }, index) => {
    const isLost = conditions.lostUps.has(id) || at(ups.tripped, index) === 1;
    ups.lost[index] = isLost ? 1 : 0;
    const share = Math.min(conditions.allUpsShare, conditions.upsShare.get(id) ?? 1);
    ups.limitW[index] = isLost ? 0 : capacityW * share;
    if (!isLost) alive += 1;
  });
  layout.rows.forEach(({ plan, ups: unit }, index) => {
    rows.limitW[index] = plan.limitW * (conditions.rowShare.get(plan.id) ?? 1);
    const isFed = layout.plan.ups.redundancy === '4N/3' ? alive > 0 : at(ups.lost, unit) === 0;
    rows.live[index] = isFed && at(rows.tripped, index) === 0 ? 1 : 0;
  });
};

/** Servers' fans and powers, by what their GPUs draw; summed up rack, row and aisle. */
export const powerServers = (state: RoomState, dtS: number): ServerAir => {
  const { layout, servers, racks, rows, aisles } = state;
  const air: ServerAir = {
    aisleM3s: new Float64Array(layout.aisles.length),
    sinkResistanceShare: new Float64Array(layout.servers.length).fill(1),
  };
  racks.powerW.fill(0);
  rows.powerW.fill(0);
  aisles.powerW.fill(0);
  layout.servers.forEach((server, index) => {
    const { kind, rack, row, aisle } = server;
    if (at(servers.inletC, index) >= kind.server.inletShutdownC) servers.stopped[index] = 1;
    if (at(rows.live, row) === 0 || at(servers.stopped, index) === 1) {
      servers.powerW[index] = 0;
      servers.fanSpeedShare[index] = 0;
      return;
    }
    const { gpusW, marginK } = gpusOf(state, server);
    const loadShare = gpusW / server.gpusRatedW;
    const { fans } = kind.server;
    const target = targetFanSpeed(fans, loadShare, marginK);
    const speed = relaxed(at(servers.fanSpeedShare, index), target, dtS, fans.tauS);
    const powerW = predictServerPowerW(kind.server, { gpusW, loadShare, fanSpeedShare: speed });
    servers.fanSpeedShare[index] = speed;
    servers.powerW[index] = powerW;
    racks.powerW[rack] = at(racks.powerW, rack) + powerW;
    rows.powerW[row] = at(rows.powerW, row) + powerW;
    aisles.powerW[aisle] = at(aisles.powerW, aisle) + powerW;
    air.aisleM3s[aisle] = at(air.aisleM3s, aisle) + fanAirflowM3s(fans, speed);
    air.sinkResistanceShare[index] = fanResistanceShare(fans, speed, loadShare);
  });
  return air;
};

/** The sum of a server's GPUs, and how far the hottest is below where it slows down. */
const gpusOf = (
  { layout, gpus }: RoomState,
  { firstGpu, gpuCount }: ServerPlace,
): { readonly gpusW: number; readonly marginK: number } => {
  let gpusW = 0;
  let marginK = Infinity;
  for (let index = firstGpu; index < firstGpu + gpuCount; index += 1) {
    const gpu = layout.gpus[index];
    if (gpu === undefined) continue;
    gpusW += at(gpus.powerW, index);
    const { limits } = gpu.kind;
    const coreC = at(gpus.sinkC, index) + at(gpus.fastK, index);
    const memoryC = at(gpus.sinkC, index) + gpu.thermal.memory.offsetK + at(gpus.memoryK, index);
    marginK = Math.min(marginK, limits.operatingMaxC - coreC, limits.memoryMaxC - memoryC);
  }
  return { gpusW, marginK };
};

/** What UPS units carry, how far breakers are heated, and whether rows are braked. */
export const loadRows = (state: RoomState, dtS: number): void => {
  loadUps(state, dtS);
  const { layout, rows, ups } = state;
  layout.rows.forEach(({ plan, ups: unit }, index) => {
    const powerW = at(rows.powerW, index);
    const limitW = at(rows.limitW, index);
    const load = loadShareOf(powerW, limitW);
    if (load > 1) rows.overS[index] = at(rows.overS, index) + dtS;
    const tripShare = nextTripShare(at(rows.tripShare, index), plan.breaker, load, dtS);
    rows.tripShare[index] = tripShare;
    if (tripShare >= 1) rows.tripped[index] = 1;
    const feed = feedOf(state, unit);
    brakeRow(state, index, {
      load: Math.max(load, feed.load),
      tripShare: Math.max(tripShare, feed.tripShare),
      dtS,
    });
  });
  ups.tripShare.forEach((share, index) => {
    if (share >= 1) ups.tripped[index] = 1;
  });
};

/** Each unit carries its rows, and with 4N/3 an equal part of what lost ones carried. */
const loadUps = ({ layout, rows, ups }: RoomState, dtS: number): void => {
  ups.powerW.fill(0);
  let orphanedW = 0;
  let alive = 0;
  layout.rows.forEach(({ ups: unit }, index) => {
    const powerW = at(rows.powerW, index);
    if (at(ups.lost, unit) === 1) orphanedW += powerW;
    else ups.powerW[unit] = at(ups.powerW, unit) + powerW;
  });
  ups.lost.forEach((isLost) => {
    if (isLost === 0) alive += 1;
  });
  layout.ups.forEach((_, index) => {
    if (at(ups.lost, index) === 1) return;
    const powerW = at(ups.powerW, index) + orphanedW / Math.max(1, alive);
    const limitW = at(ups.limitW, index);
    const load = loadShareOf(powerW, limitW);
    ups.powerW[index] = powerW;
    if (load > 1) ups.overS[index] = at(ups.overS, index) + dtS;
    ups.tripShare[index] = nextTripShare(at(ups.tripShare, index), assumedUpsCurve, load, dtS);
  });
};

/** The unit that feeds a row; the worst of the others where it is lost. */
const feedOf = (
  { layout, ups }: RoomState,
  unit: number,
): { readonly load: number; readonly tripShare: number } => {
  let load = 0;
  let tripShare = 0;
  const isLost = at(ups.lost, unit) === 1;
  layout.ups.forEach((_, index) => {
    if (at(ups.lost, index) === 1 || !(isLost || index === unit)) return;
    load = Math.max(load, loadShareOf(at(ups.powerW, index), at(ups.limitW, index)));
    tripShare = Math.max(tripShare, at(ups.tripShare, index));
  });
  return { load, tripShare };
};

/** Any power is too much where nothing is allowed. */
const loadShareOf = (powerW: number, limitW: number): number =>
  limitW > 0 ? powerW / limitW : powerW > 0 ? Infinity : 0;

/**
 * Pulls the brake after an overload has lasted, or has used up much of what a breaker allows; lets it go after it has
 * long been over and the breaker has forgotten most of it.
 */
const brakeRow = (
  { layout, rows }: RoomState,
  index: number,
  {
    load,
    tripShare,
    dtS,
  }: { readonly load: number; readonly tripShare: number; readonly dtS: number },
): void => {
  const { brake } = layout.settings;
  if (!brake.isOn) return;
  const isBraked = at(rows.braked, index) === 1;
  const goesOn = isBraked
    ? load < brake.releaseShare && tripShare < brake.releaseTripShare
    : load > 1;
  const lastedS = goesOn ? at(rows.brakeS, index) + dtS : 0;
  const isUrgent = !isBraked && load > 1 && tripShare >= brake.pullTripShare;
  const isDone = isUrgent || lastedS >= (isBraked ? brake.releaseAfterS : brake.afterS);
  rows.brakeS[index] = isDone ? 0 : lastedS;
  if (isDone) rows.braked[index] = isBraked ? 0 : 1;
};
