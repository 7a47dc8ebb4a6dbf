import { Fault } from '@isotherm/kernel';
import {
  type GpuDemand,
  type GpuId,
  gpuIdsOf,
  parsePlace,
  type Ratings,
  type RoomState,
  workKinds,
} from '@isotherm/plant';
import type {
  PredictedRoomInput,
  PredictWhatIfRequest,
  PredictWhatIfResponseInput,
  SupposedLoad,
} from '@isotherm/proto';
import { disturbancesOf, type Emergency, warmerKOf } from '../emergency/emergency.ts';
import { levelUses, usesByKey } from '../estimate/level-use.ts';
import type { RoomEstimate } from '../estimate/room-estimate.ts';
import { gpuTemperatures, type HeadroomInput } from '../headroom/instance-headroom.ts';
import type { Round } from '../round/round.ts';
import type { TelemetryBook } from '../telemetry/book.ts';
import { emergencyOf } from './emergency-calls.ts';
import { levelMessage, levelStateMessage } from './level-messages.ts';

export interface WhatIfParts {
  readonly round: Round;
  readonly estimate: RoomEstimate;
  readonly ratings: Ratings;
  readonly book: TelemetryBook;
  readonly active: readonly Emergency[];
  readonly staleMs: number;
}

const horizonsMax = 16;
const horizonSMax = 86_400;
const loadsMax = 1_024;
const emergenciesMax = 64;
const defaultHorizonsS = [10, 60, 600];

/** PredictWhatIf: steps a copy of the model with what is supposed. */
export const predictWhatIf = (
  request: PredictWhatIfRequest,
  parts: WhatIfParts,
): PredictWhatIfResponseInput => {
  const { round, estimate, ratings, book, staleMs } = parts;
  const { index } = round.input;
  const horizonsS = horizonsOf(request.afterS);
  if (request.emergencies.length > emergenciesMax) {
    throw invalid('emergencies', `At most ${emergenciesMax} emergencies are supposed at once.`);
  }
  const supposed = request.emergencies.map((each) => emergencyOf(each, index));
  const demand = new Map(estimate.demand);
  if (request.loads.length > loadsMax) throw invalid('loads', `At most ${loadsMax} loads.`);
  request.loads.forEach((load, at) => suppose(load, `loads[${at}]`, demand, parts));
  const disturbances = disturbancesOf([...parts.active, ...supposed], index);
  const surroundings = {
    ...{ disturbances, workOf: round.surroundings.workOf },
    outsideC: outsideOf(request, round) + warmerKOf(supposed),
  };
  const states = estimate.predict(horizonsS, surroundings, demand);
  const [limits] = states;
  if (limits === undefined) return { rooms: [] };
  const uses = levelUses({
    ...{ index, ratings, book, nowMs: round.atMs, staleMs, now: round.now },
    ...{ limits, predicted: states, disturbances },
  });
  const levels = usesByKey(uses);
  const input: HeadroomInput = { ...round.input, levels, predicted: states };
  return { rooms: states.map((_, at) => predictedRoom(input, round, at, horizonsS[at] ?? 0)) };
};

const invalid = (param: string, message: string): Fault =>
  new Fault('invalid_argument', message, { param });

const horizonsOf = (asked: readonly number[]): readonly number[] => {
  if (asked.length === 0) return defaultHorizonsS;
  const rising = asked.every((each, at) => each > (at === 0 ? 0 : (asked[at - 1] ?? 0)));
  const bounded = asked.length <= horizonsMax && asked.every((each) => each <= horizonSMax);
  if (rising && bounded) return asked;
  const rule = `at most ${horizonsMax} times, above 0, rising, each at most ${horizonSMax} s`;
  throw invalid('after_s', `after_s has ${rule}.`);
};

const outsideOf = ({ outsideC }: PredictWhatIfRequest, round: Round): number => {
  if (outsideC === undefined) return round.surroundings.outsideC;
  if (outsideC >= -60 && outsideC <= 60) return outsideC;
  throw invalid('outside_c', 'outside_c is from -60 to 60.');
};

const suppose = (
  load: SupposedLoad,
  field: string,
  demand: Map<GpuId, GpuDemand>,
  { round }: WhatIfParts,
): void => {
  const place = parsePlace(load.place);
  const ids = place === undefined ? [] : gpuIdsOf(place);
  const { gpuIndex } = round.input.index.layout;
  if (ids.length === 0 || !ids.every((id) => gpuIndex.has(id))) {
    throw invalid(`${field}.place`, 'A place is SERVER/GPU[,GPU...] of this room.');
  }
  const stage = workKinds.find((kind) => kind === load.stage);
  if (stage === undefined) throw invalid(`${field}.stage`, `A stage is ${workKinds.join(', ')}.`);
  const clockShare = load.clockShare === 0 ? 1 : load.clockShare;
  if (!(load.utilisation >= 0 && load.utilisation <= 1)) {
    throw invalid(`${field}.utilisation`, 'utilisation is from 0 to 1.');
  }
  if (!(clockShare > 0 && clockShare <= 1)) {
    throw invalid(`${field}.clock_share`, 'clock_share is above 0 and at most 1.');
  }
  const { utilisation } = load;
  for (const id of ids) {
    demand.set(id, { stage, utilisation, batch: 16, precision: 'bf16', clockShare });
  }
};

const predictedRoom = (
  input: HeadroomInput,
  round: Round,
  at: number,
  afterS: number,
): PredictedRoomInput => {
  const { layout } = input.index;
  const state = input.predicted[at];
  const temperatures = layout.gpus.map((_, gpu) => gpuTemperatures(gpu, at, input));
  const throttled = temperatures.filter(({ coreK, memoryK }) => coreK <= 0 || memoryK <= 0);
  const levels = [...input.levels.values()].filter(({ of }) => of.level !== 'server');
  return {
    ...{ afterS, throttled: throttled.length },
    coreMaxC: Math.max(...temperatures.map(({ coreC }) => coreC)),
    levels: levels.map((use) =>
      levelStateMessage({ ...use, used: use.predicted[at] ?? use.used, predicted: [] }),
    ),
    servers: layout.servers.map(({ plan, firstGpu, gpuCount }, server) => ({
      ...{ id: plan.id, class: plan.kind, tenant: plan.tenant },
      above: input.index.above(server).map(levelMessage),
      inletC: state?.servers.inletC[server] ?? 0,
      powerW: input.levels.get(`server:${plan.id}`)?.predicted[at] ?? 0,
      limitW: input.levels.get(`server:${plan.id}`)?.limit ?? 0,
      fanShare: state?.servers.fanSpeedShare[server] ?? 0,
      instanceIds: round.instances
        .filter((each) => each.server === server)
        .map(({ record }) => record.id),
      gpus: Array.from({ length: gpuCount }, (_, each) =>
        predictedGpu(state, firstGpu + each, each, input, at),
      ),
    })),
  };
};

const predictedGpu = (
  state: RoomState | undefined,
  gpu: number,
  index: number,
  input: HeadroomInput,
  at: number,
) => {
  const { coreC, memoryC } = gpuTemperatures(gpu, at, input);
  const limits = input.index.layout.gpus[gpu]?.kind.limits;
  return {
    ...{ index, coreC, memoryC, powerW: state?.gpus.powerW[gpu] ?? 0, clockShare: 1 },
    ...{ slowdownC: limits?.operatingMaxC ?? 0, shutdownC: limits?.shutdownC ?? 0 },
  };
};
