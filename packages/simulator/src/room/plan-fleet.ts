import type { Ratings, RoomState } from '@isotherm/plant';
import {
  type AdjustableInstance,
  configurationKey,
  type GpuState,
  type Levers,
  type OpaqueInstance,
  type Plan,
  type PlanAction,
  planEmergency,
  planReconfiguration,
  planUniformCap,
} from '@isotherm/policy';
import { stageOf } from '../pipeline/fleet.ts';
import { plugWPerGpuW } from './clock-profiles.ts';
import type { RatedLevel } from './level-states.ts';
import type { PlacedInstance } from './placed-instance.ts';

export interface FleetPlanInput {
  readonly state: RoomState;
  readonly ratings: Ratings;
  readonly levels: readonly RatedLevel[];
  readonly placed: readonly PlacedInstance[];
  /** Of the GPUs that somebody works on. */
  readonly gpus: readonly GpuState[];
  /** Watts that opaque servers are held to, by their number. */
  readonly opaqueCaps: ReadonlyMap<number, number>;
  readonly levers: Levers;
  readonly isEmergency: boolean;
  /** The baseline of emergencies: everybody is capped alike. */
  readonly isUniform: boolean;
}

/** The plan of packages/policy for the room as it is. Opaque tenants are part of it in emergencies only. */
export const planFleet = (input: FleetPlanInput): Plan => {
  const { placed, levels, gpus, levers, isEmergency, state } = input;
  const adjustable = placed.map((each) => adjustableOf(each, state.atS));
  if (!isEmergency && !input.isUniform && input.opaqueCaps.size === 0) {
    return planReconfiguration({ levels, gpus, instances: adjustable }, levers);
  }
  const opaque = state.layout.servers.flatMap(({ plan }, server) =>
    plan.tenant === 'opaque' ? [opaqueOf(server, input)] : [],
  );
  if (input.isUniform)
    return planUniformCap({ levels, gpus, instances: [...adjustable, ...opaque] });
  return planEmergency({ levels, gpus, instances: [...adjustable, ...opaque] }, levers);
};

const adjustableOf = (placed: PlacedInstance, nowS: number): AdjustableInstance => {
  const { view, role } = placed.instance;
  const [full] = placed.profiles;
  return {
    ...{ tenant: 'adjustable', id: view.id, place: placed.place, stage: stageOf(role) },
    ...{ model: view.model, load: placed.load, profiles: placed.profiles },
    ...{ current: placed.setting, changedAgoS: nowS - placed.changedAtS },
    preferred: full === undefined ? '' : configurationKey(full.configuration),
  };
};

/** Lowest power limit of a board ÷ its rated power: 200 of 700 W on an H100 SXM. */
const capMinShare = 2 / 7;

export const opaqueId = (server: string): string => `opaque:${server}`;

const opaqueOf = (
  server: number,
  { state, ratings, opaqueCaps }: FleetPlanInput,
): OpaqueInstance => {
  const place = state.layout.servers[server];
  const rating = ratings.servers[server];
  const gpu = state.layout.gpus[place?.firstGpu ?? 0];
  if (place === undefined || rating === undefined || gpu === undefined) {
    throw new RangeError(`no server ${server}`);
  }
  const { ratedW, idleW } = gpu.kind.power;
  const factor = plugWPerGpuW(rating, place.gpuCount, ratedW - idleW);
  const capW = opaqueCaps.get(server);
  const usedW = state.servers.powerW[server] ?? 0;
  const least = factor * place.gpuCount * Math.max(0, capMinShare * ratedW - idleW);
  return {
    ...{ tenant: 'opaque', id: opaqueId(place.plan.id) },
    place: { server: place.plan.id, gpus: Array.from({ length: place.gpuCount }, (_, at) => at) },
    ...{ demandW: capW === undefined ? usedW : rating.fullW, capMinW: rating.idleW + least },
    ...(capW !== undefined && { capW }),
    ...{ coreKPerW: 0, memoryKPerW: 0, changedAgoS: Infinity },
  };
};

/** Power limit of each GPU of an instance that holds the instance, with its part of the server, to a cap. */
const gpuLimitW = (capW: number, { gpus, server }: PlacedInstance, by: FleetPlanInput): number => {
  const place = by.state.layout.servers[server];
  const rating = by.ratings.servers[server];
  const power = by.state.layout.gpus[gpus[0] ?? 0]?.kind.power;
  if (place === undefined || rating === undefined || power === undefined) return capW;
  const factor = plugWPerGpuW(rating, place.gpuCount, power.ratedW - power.idleW);
  const idleW = (rating.idleW * gpus.length) / place.gpuCount;
  return Math.min(power.ratedW, power.idleW + Math.max(0, capW - idleW) / (factor * gpus.length));
};

/** Carries an action out at once: clocks and caps need no reload. */
export const carryOut = (
  action: PlanAction,
  by: {
    readonly placed: PlacedInstance | undefined;
    readonly opaqueServer: number | undefined;
    readonly opaqueCaps: Map<number, number>;
    readonly input: FleetPlanInput;
  },
): void => {
  const { placed, opaqueServer, opaqueCaps, input } = by;
  if (opaqueServer !== undefined) {
    if (action.kind === 'cap') opaqueCaps.set(opaqueServer, action.capW);
    if (action.kind === 'release') opaqueCaps.delete(opaqueServer);
    return;
  }
  if (placed === undefined) return;
  placed.changedAtS = input.state.atS;
  const { configuration, stopped, capW } = placed.setting;
  const cap = capW === undefined ? {} : { capW };
  switch (action.kind) {
    case 'reconfigure': {
      placed.setting = { configuration: action.to, stopped, ...cap };
      const to = placed.profiles.find((each) => configurationKey(each.configuration) === action.to);
      placed.demand.clockShare = to?.configuration.clockShare ?? 1;
      return;
    }
    case 'cap':
      placed.setting = { configuration, stopped, capW: action.capW };
      placed.demand.powerLimitW = gpuLimitW(action.capW, placed, input);
      return;
    case 'stop-routing':
      placed.setting = { configuration, stopped: true, ...cap };
      return;
    case 'release':
      placed.setting =
        action.of === 'cap'
          ? { configuration, stopped }
          : { configuration, stopped: false, ...cap };
      if (action.of === 'cap') placed.demand.powerLimitW = undefined;
      return;
    default:
      action satisfies never;
  }
};
