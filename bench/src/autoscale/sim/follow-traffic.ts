import { autoscaleDefaults } from '@isotherm/policy';
import { type Role, type RoleScaling, type ScalingLook } from '@isotherm/simulator';
import { studyProfile } from '../../simulator/fleet.ts';
import { bestStatic, type StaticRun } from './best-static.ts';
import type { SimParameters, SimTraffic } from './parameters.ts';
import { poolCapacity } from './pool-capacity.ts';
import { type Counts, type FleetResult, type FleetSpec, runFleet } from './run-fleet.ts';
import { pieceTokens } from './piece-tokens.ts';
import { trafficOf } from './traffic.ts';

/** One traffic, from one seed, as plain data: what a thread is told to do. */
export interface FollowTask {
  readonly parameters: Omit<SimParameters, 'traffics' | 'seeds'>;
  readonly traffic: SimTraffic;
  readonly seed: number;
  readonly folder?: string;
}

/** How a pool stood, and what it had to do. */
export interface PoolPoint {
  readonly minute: number;
  readonly role: Role;
  /** Instances that the load keeps busy: load ÷ what one does at most. */
  readonly busy: number;
  readonly target: number;
  /** Starting and draining ones too. */
  readonly there: number;
  readonly trust: number;
}

export interface FollowResult {
  readonly name: string;
  readonly seed: number;
  readonly scaled: FleetResult;
  readonly fixed: FleetResult & { readonly counts: Counts };
  readonly fixedTried: readonly StaticRun[];
  readonly points: readonly PoolPoint[];
}

/** As much as is there: no bound for the autoscaler. */
const roomTimes = 3;

/** The smallest fixed fleet for a traffic, and a fleet that begins as that one does and follows the load. */
export const followTraffic = (task: FollowTask): FollowResult => {
  const { parameters, traffic, seed, folder } = task;
  const { profile, sloTimes, attainmentMin, lookMs } = parameters;
  const { name, copies, hoursMax, ample } = traffic;
  const spec: Omit<FleetSpec, 'counts'> = {
    ...{ profile, sloTimes, seed },
    traffic: { name, copies, hoursMax, ...(folder !== undefined && { folder }) },
  };
  const runs = new Map<string, FleetResult>();
  const { best, tried } = bestStatic(ample, attainmentMin, (counts) => {
    const result = runFleet({ ...spec, counts });
    runs.set(JSON.stringify(counts), result);
    return result.attainment;
  });
  const fixed = runs.get(JSON.stringify(best.counts)) ?? runFleet({ ...spec, counts: best.counts });
  const roles = rolesOf(spec, best.counts);
  const { points, onLook } = createPoints(roles, parameters.pointMs);
  const counts = Object.fromEntries(roles.map(({ role, first }) => [role, roomTimes * first]));
  const settings = { ...autoscaleDefaults, attainmentMin, replicasMax: 1000 };
  const scaled = runFleet({ ...spec, counts, scaling: { lookMs, settings, roles } }, onLook);
  return {
    ...{ name, seed, scaled, points },
    ...{ fixed: { ...fixed, counts: best.counts }, fixedTried: tried },
  };
};

/** Capacities by the profile, for pieces of work as large as they are in the mean of another seed of the same traffic. */
const rolesOf = (
  { profile: name, sloTimes, traffic }: Omit<FleetSpec, 'counts'>,
  first: Counts,
): readonly RoleScaling[] => {
  const profile = studyProfile(name);
  const tokens = pieceTokens(trafficOf(traffic).arrivals(0), profile.reading);
  return (['encode', 'prefill', 'decode'] as const)
    .filter((role) => first[role] !== undefined)
    .map((role) => ({
      ...{ role, first: first[role] ?? 1 },
      ...poolCapacity(profile, role, tokens[role], sloTimes),
    }));
};

/** What is kept of looks: the last of each span, with the mean load of it. */
const createPoints = (roles: readonly RoleScaling[], pointMs: number) => {
  const points: PoolPoint[] = [];
  const spans = new Map<Role, { looks: number; tokensPerS: number }>();
  const saturation = new Map(roles.map((each) => [each.role, each.saturationTokensPerS ?? 1]));
  const onLook = ({ role, sample, decision, trust, there }: ScalingLook): void => {
    const before = spans.get(role) ?? { looks: 0, tokensPerS: 0 };
    const span = {
      looks: before.looks + 1,
      tokensPerS: before.tokensPerS + sample.loadTokensPerS,
    };
    spans.set(role, span);
    if (sample.atMs % pointMs !== 0) return;
    const busy = span.tokensPerS / span.looks / (saturation.get(role) ?? 1);
    points.push({
      ...{ minute: sample.atMs / 60_000, role, busy: Math.round(100 * busy) / 100 },
      ...{ target: decision.target, there, trust: Math.round(100 * trust) / 100 },
    });
    spans.delete(role);
  };
  return { points, onLook };
};
