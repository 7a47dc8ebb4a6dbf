import { invariant } from '@isotherm/kernel';
import {
  type Role,
  runExperiment,
  type ScalingLook,
  type ScalingOptions,
} from '@isotherm/simulator';
import { deploymentOf, type PoolSpec } from '../../modserve/run-arm.ts';
import { studyProfile } from '../../simulator/fleet.ts';
import { trafficOf, type TrafficSpec } from './traffic.ts';

/** Instances of each stage. */
export type Counts = Readonly<Partial<Record<Role, number>>>;

/** A run of a traffic on a fleet. */
export interface FleetSpec {
  readonly profile: string;
  readonly traffic: TrafficSpec;
  readonly sloTimes: number;
  readonly seed: number;
  /** Instances that there are; most that there can be where they follow the load. */
  readonly counts: Counts;
  /** Absent: all of them are there all the time. */
  readonly scaling?: Omit<ScalingOptions, 'onLook'>;
}

export interface FleetResult {
  readonly instanceHours: number;
  /** Share of all requests that kept both times. */
  readonly attainment: number;
  readonly requests: number;
  readonly started: number;
  readonly drained: number;
  readonly events: number;
}

const rules = { order: 'short-first', routing: 'policy', batches: 'profile' } as const;

/** After the last request came: longer than the longest answer takes. */
const endMs = 120_000;

export const runFleet = (
  { profile: name, traffic: spec, sloTimes, seed, counts, scaling }: FleetSpec,
  onLook?: (look: ScalingLook) => void,
): FleetResult => {
  const profile = studyProfile(name);
  const traffic = trafficOf(spec);
  const pools = (Object.entries(counts) as readonly (readonly [Role, number])[]).map(
    ([role, count]): PoolSpec => ({ role, stages: [`${role}-1`], count }),
  );
  const durationMs = traffic.durationMs + endMs;
  const result = runExperiment({
    ...{ seed, durationMs, warmUpMs: 0, routing: 'policy' },
    levers: { place: false, route: false, reconfigure: false },
    ...(scaling !== undefined && {
      scaling: { ...scaling, ...(onLook !== undefined && { onLook }) },
    }),
    deployments: [
      {
        ...deploymentOf(profile, { ...rules, pools }, sloTimes),
        arrivals: traffic.arrivals,
      },
    ],
  });
  const outcome = result.deployments[0]?.outcome;
  invariant(outcome !== undefined, 'the run has an outcome');
  const instances = pools.reduce((sum, { count }) => sum + count, 0);
  return {
    instanceHours: (result.scaling?.instanceMs ?? instances * durationMs) / 3_600_000,
    attainment: outcome.withinSlo / outcome.arrived,
    requests: outcome.arrived,
    ...{ started: result.scaling?.started ?? 0, drained: result.scaling?.drained ?? 0 },
    events: result.events,
  };
};
