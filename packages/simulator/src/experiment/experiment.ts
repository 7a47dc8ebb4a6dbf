import type { RoomPlan, RoomSettings } from '@isotherm/plant';
import {
  defaultRoutePolicy,
  type Levers,
  stageBlindHeadroom,
  withHeadroomBy,
  withoutHeadroom,
} from '@isotherm/policy';
import type { ArrivalSource } from '../arrivals/arrival.ts';
import { randomStream } from '../chance/xoshiro.ts';
import { createSimulation } from '../engine/simulation.ts';
import type { HostCores } from '../host/host.ts';
import type { Deployment } from '../pipeline/deployment.ts';
import { outcomeState, type OutcomeState } from '../pipeline/outcome.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import type { CustomerOptions } from '../room/customers.ts';
import {
  type Awareness,
  awarenessDefaults,
  coupleRoom,
  type TimedDisturbance,
} from '../room/room-coupling.ts';
import {
  poolsWithRoom,
  relayoutFleet,
  type RelayoutOptions,
  type RelayoutRecord,
} from '../scaling/relayout-fleet.ts';
import { scaleFleet, type ScalingOptions, type ScalingRecord } from '../scaling/scale-fleet.ts';
import type { RoomFigures, RoomPoint } from '../room/room-record.ts';

/** One run: who is served by what, in which room, with which levers, from which seed. */
export interface Experiment {
  readonly seed: number;
  readonly durationMs: number;
  /** Requests that arrive earlier are served and not counted. */
  readonly warmUpMs: number;
  readonly deployments: readonly ExperimentDeployment[];
  readonly levers: Levers;
  readonly awareness?: Awareness;
  /** Instances that a decision of routing looks at; absent: all. */
  readonly sampleMax?: number;
  /** Hosts that pools share; absent: none. */
  readonly hosts?: readonly HostCores[];
  /** `policy` where absent. */
  readonly routing?: 'policy' | 'in-turn';
  /** Instances of the first deployment follow its load; absent: all of them are there all the time. */
  readonly scaling?: ScalingOptions;
  /** GPUs of the first deployment change what they do with the mix that comes; absent: they do what they began with. */
  readonly relayout?: RelayoutOptions;
  readonly room?: ExperimentRoom;
}

export interface ExperimentDeployment extends Deployment {
  /** Its requests, from the run's seed. */
  arrivals(seed: number): ArrivalSource;
}

export interface ExperimentRoom {
  readonly plan: RoomPlan;
  readonly periodMs: number;
  readonly planPeriodMs: number;
  readonly quietPeriodMs?: number;
  readonly customers?: CustomerOptions;
  readonly settings?: RoomSettings;
  readonly hourlyC?: readonly number[];
  readonly disturbances?: readonly TimedDisturbance[];
  /** How much GPUs of a class differ, by the seed. */
  readonly riseSpreadShare?: number;
  /** Mean utilisation of opaque tenants' GPUs. */
  readonly opaqueUtilisation?: number;
}

/** What came of it, as plain data. */
export interface ExperimentResult {
  readonly seed: number;
  readonly events: number;
  /** Most requests that were alive at once. */
  readonly aliveMax: number;
  /** Instances without a place in the room. */
  readonly unplaced: number;
  readonly deployments: readonly { readonly model: string; readonly outcome: OutcomeState }[];
  readonly scaling?: ScalingRecord;
  readonly relayout?: RelayoutRecord;
  readonly room?: { readonly figures: RoomFigures; readonly points: readonly RoomPoint[] };
}

/** Parts of a run between which progress is told. */
const parts = 100;

/** Runs one experiment to its end; `onProgress` hears shares of it. */
export const runExperiment = (
  experiment: Experiment,
  onProgress: (share: number) => void = () => {},
): ExperimentResult => {
  const { seed, durationMs, levers, room, sampleMax } = experiment;
  const deployments = experiment.deployments.map((each, number) =>
    experiment.relayout === undefined || number > 0
      ? each
      : { ...each, pools: poolsWithRoom(each.pools) },
  );
  const { awareness = awarenessDefaults } = experiment;
  const awarePolicy = awareness.stages
    ? defaultRoutePolicy
    : withHeadroomBy(defaultRoutePolicy, stageBlindHeadroom);
  const simulation = createSimulation();
  const pipeline = createPipeline(simulation, {
    ...{ deployments, random: randomStream(seed, 'routes'), countFromMs: experiment.warmUpMs },
    policy: levers.route ? awarePolicy : withoutHeadroom(defaultRoutePolicy),
    ...(sampleMax !== undefined && { sampleMax }),
    ...(experiment.hosts !== undefined && { hosts: experiment.hosts }),
    ...(experiment.routing !== undefined && { routing: experiment.routing }),
  });
  const coupling =
    room === undefined
      ? undefined
      : coupleRoom(simulation, pipeline.instances, {
          ...{ durationMs, levers, onReady: pipeline.retry, plan: room.plan },
          ...{ periodMs: room.periodMs, planPeriodMs: room.planPeriodMs },
          awareness,
          ...(room.quietPeriodMs !== undefined && { quietPeriodMs: room.quietPeriodMs }),
          ...(room.customers !== undefined && { customers: { ...room.customers, seed } }),
          ...(room.settings !== undefined && { settings: room.settings }),
          ...(room.hourlyC !== undefined && { hourlyC: room.hourlyC }),
          ...(room.disturbances !== undefined && { disturbances: room.disturbances }),
          spread: { seed, riseSpreadShare: room.riseSpreadShare ?? 0 },
          opaqueUtilisation: () => room.opaqueUtilisation ?? opaqueDefault,
        });
  const [scaled] = deployments;
  const scaling =
    experiment.scaling === undefined || scaled === undefined
      ? undefined
      : scaleFleet(simulation, pipeline, scaled, experiment.scaling);
  const [begun] = experiment.deployments;
  const relayout =
    experiment.relayout === undefined || begun === undefined
      ? undefined
      : relayoutFleet(simulation, pipeline, begun, experiment.relayout);
  deployments.forEach((deployment, number) => pipeline.feed(deployment.arrivals(seed), number));
  for (let part = 1; part <= parts; part += 1) {
    simulation.runUntil((durationMs * part) / parts);
    onProgress(part / parts);
  }
  return {
    ...{ seed, events: simulation.events, aliveMax: pipeline.aliveMax },
    unplaced: coupling?.unplaced ?? 0,
    deployments: deployments.map(({ model }, number) => {
      const outcome = pipeline.outcomes[number];
      if (outcome === undefined) throw new RangeError(`${model} has no outcome`);
      return { model, outcome: outcomeState(outcome) };
    }),
    ...(scaling !== undefined && { scaling: { ...scaling } }),
    ...(relayout !== undefined && { relayout: { ...relayout } }),
    ...(coupling !== undefined && {
      room: {
        figures: coupling.record.figures(coupling.room.state),
        points: coupling.record.points,
      },
    }),
  };
};

/** Assumed where nobody says it. */
const opaqueDefault = 0.6;
