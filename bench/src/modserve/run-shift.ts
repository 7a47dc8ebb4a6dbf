import { invariant } from '@isotherm/kernel';
import {
  arrivalsUntil,
  mergedArrivals,
  multimodalArrivals,
  multimodalDefaults,
  randomStream,
  runExperiment,
} from '@isotherm/simulator';
import { studyProfile } from '../simulator/fleet.ts';
import { relayoutOf } from './relayout.ts';
import { type ArmSpec, deploymentOf, type Traffic } from './run-arm.ts';

/** A mix that goes over into another, on an arm. */
export interface ShiftSpec {
  readonly profile: string;
  readonly arm: ArmSpec;
  readonly sloTimes: number;
  readonly seed: number;
  readonly from: { readonly traffic: Traffic; readonly requestsPerS: number };
  readonly to: { readonly traffic: Traffic; readonly requestsPerS: number };
  /** How long it is the first, goes over in even steps of a minute, and is the second. */
  readonly minutes: { readonly before: number; readonly between: number; readonly after: number };
  /** Absent: a fixed layout. Else what the arm bears of the first mix, and its layout follows. */
  readonly followsFromPerS?: number;
}

export interface ShiftResult {
  readonly requests: number;
  /** Share of all requests that kept both targets. */
  readonly attainment: number;
  readonly changes: number;
  readonly moved: number;
  readonly counts: Readonly<Partial<Record<string, number>>>;
}

const minuteMs = 60_000;
/** After the last request came: longer than the longest answer takes. */
const drainMs = 120_000;

/** Share of the second mix, minute by minute. */
const sharesOf = ({ before, between, after }: ShiftSpec['minutes']): readonly number[] =>
  Array.from({ length: before + between + after }, (_, minute) =>
    Math.min(1, Math.max(0, (minute + 1 - before) / (between + 1))),
  );

export const runShift = (spec: ShiftSpec): ShiftResult => {
  const profile = studyProfile(spec.profile);
  const { arm, sloTimes, seed, from, to, followsFromPerS } = spec;
  const shares = sharesOf(spec.minutes);
  const endMs = shares.length * minuteMs;
  const { imageTokens } = profile.shape;
  const design = { profile, pools: arm.pools, traffic: from.traffic, sloTimes };
  const source = (
    { traffic, requestsPerS }: ShiftSpec['from'],
    weights: readonly number[],
    random: ReturnType<typeof randomStream>,
  ) => {
    const curve = {
      stepMs: minuteMs,
      shares: Float64Array.from(weights, (w) => Math.max(0.01, w)),
    };
    const options = { ...multimodalDefaults, ...traffic, requestsPerS, imageTokens, curve };
    return multimodalArrivals(options, random);
  };
  const before = shares.map((share) => 1 - share);
  const result = runExperiment({
    ...{ seed, durationMs: endMs + drainMs, warmUpMs: 0, routing: arm.routing },
    levers: { place: false, route: false, reconfigure: false },
    ...(followsFromPerS !== undefined && {
      relayout: relayoutOf({ ...design, bearsPerS: followsFromPerS }),
    }),
    deployments: [
      {
        ...deploymentOf(profile, arm, sloTimes),
        arrivals: (run) =>
          arrivalsUntil(
            mergedArrivals([
              source(from, before, randomStream(run, 'arrivals before')),
              source(to, shares, randomStream(run, 'arrivals after')),
            ]),
            endMs,
          ),
      },
    ],
  });
  const outcome = result.deployments[0]?.outcome;
  invariant(outcome !== undefined, 'the run has an outcome');
  return {
    ...{ requests: outcome.arrived, attainment: outcome.withinSlo / outcome.arrived },
    ...{ changes: result.relayout?.changes ?? 0, moved: result.relayout?.moved ?? 0 },
    counts: result.relayout?.counts ?? {},
  };
};
