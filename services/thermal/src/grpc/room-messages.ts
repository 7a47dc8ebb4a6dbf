import type {
  ThermalEmergencyInput,
  GetRoomResponseInput,
  GpuStateInput,
  ServerStateInput,
} from '@isotherm/proto';
import type { Declared } from '../emergency/emergency-book.ts';
import { gpuTemperatures, type HeadroomInput } from '../headroom/instance-headroom.ts';
import type { ThrottleEvents } from '../room/throttle-counter.ts';
import type { Round } from '../round/round.ts';
import { levelMessage, levelStateMessage } from './level-messages.ts';

export interface RoomFacts {
  readonly kind: 'virtual' | 'real';
  readonly timeScale: number;
  readonly emergencies: readonly Declared[];
  readonly throttleEvents: ThrottleEvents;
}

export const roomMessage = (round: Round, facts: RoomFacts): GetRoomResponseInput => {
  const { index } = round.input;
  const above = [...round.levels.values()].filter(({ of }) => of.level !== 'server');
  const { thermal, power } = facts.throttleEvents;
  return {
    ...{ name: index.plan.name, atMs: round.atMs, plantS: round.plantS },
    ...{ timeScale: facts.timeScale, outsideC: round.view.outsideC, kind: facts.kind },
    levels: above.map(levelStateMessage),
    servers: index.layout.servers.map((_, server) => serverMessage(round, server)),
    emergencies: facts.emergencies.map(emergencyMessage),
    throttleEvents: { thermal, power },
  };
};

const serverMessage = (round: Round, server: number): ServerStateInput => {
  const { input, view, levels, instances, now } = round;
  const place = input.index.layout.servers[server];
  const seen = view.servers[server];
  if (place === undefined || seen === undefined) return {};
  const { plan, firstGpu, gpuCount } = place;
  const use = levels.get(`server:${plan.id}`);
  return {
    ...{ id: plan.id, class: plan.kind, tenant: plan.tenant, inletC: seen.inletC },
    above: input.index.above(server).map(levelMessage),
    ...{ powerW: use?.used ?? 0, limitW: use?.limit ?? 0 },
    fanShare: seen.fanShare ?? now.servers.fanSpeedShare[server] ?? 0,
    gpus: Array.from({ length: gpuCount }, (_, each) => gpuMessage(input, firstGpu + each, each)),
    instanceIds: instances.filter((each) => each.server === server).map(({ record }) => record.id),
    readingAgeS: Number.isFinite(seen.ageS) ? seen.ageS : neverReadS,
  };
};

/** Shown as the age of what was never read: a year. */
const neverReadS = 31_536_000;

export const gpuMessage = (input: HeadroomInput, gpu: number, gpuIndex: number): GpuStateInput => {
  const view = input.view.gpus[gpu];
  const limits = input.index.layout.gpus[gpu]?.kind.limits;
  if (view === undefined || limits === undefined) return {};
  const { coreC, memoryC, powerW, utilisation, clockShare, reasons, shutDown } = view;
  return {
    ...{ index: gpuIndex, coreC, memoryC, powerW, utilisation, clockShare, shutDown },
    ...{ slowdownC: limits.operatingMaxC, shutdownC: limits.shutdownC, throttleReasons: reasons },
    corePredictedC: input.predicted.map((_, at) => gpuTemperatures(gpu, at, input).coreC),
  };
};

export const emergencyMessage = (declared: Declared): ThermalEmergencyInput => {
  const { id, kind, scope, toShare, byK, forS, sinceMs } = declared;
  return {
    ...{ id, kind, toShare, byK, forS, sinceMs },
    ...(scope !== undefined && { scope: { kind: scope.level, id: scope.id } }),
  };
};
