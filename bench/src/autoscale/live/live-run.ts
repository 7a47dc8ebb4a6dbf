import { keepScaled, type PoolStep } from '@isotherm/cli/autoscale';
import type { Arrival } from '@isotherm/simulator';
import { type ServiceName, type ServiceProcess, startLocalStack } from '@isotherm/stack';
import type { ClassedOutcome } from '../../overload/ask-with-class.ts';
import { summarize, type Summary } from '../../report/percentiles.ts';
import { type DrivenRequest, driveTraffic } from './drive-traffic.ts';
import { type Counts, type LiveModel, liveServices } from './live-profile.ts';
import type { LiveParameters } from './parameters.ts';

/** What became of the traffic on a fixed size, or on instances that followed it. */
export interface LiveRun {
  readonly kind: 'fixed' | 'following';
  /** All the time, or at first. */
  readonly counts: Counts;
  /** Of stages' processes from start to end, the time in which they started included. */
  readonly instanceS: number;
  readonly requests: number;
  /** Share of all requests that were answered within both targets. */
  readonly attainment: number;
  readonly answered: number;
  /** With a reason, before anything was begun: counts as missed. */
  readonly refused: number;
  /** Neither answered nor refused. */
  readonly lost: number;
  readonly firstMs: Summary;
  readonly startedMs: Summary;
  readonly drained: number;
  /** What was planned, when. */
  readonly steps: readonly LiveStep[];
  readonly failures: readonly string[];
  /** Requests that were due in each tenth of the run, and those of them that were late, refused or lost. */
  readonly dueByTenth: readonly number[];
  readonly missedByTenth: readonly number[];
}

export interface LiveStep {
  readonly atMs: number;
  readonly service: string;
  readonly ready: number;
  readonly target: number;
  readonly loadTokensPerS: number;
  readonly trust: number;
}

interface Lifetime {
  readonly fromMs: number;
  untilMs: number | undefined;
}

/** The traffic on one stack of processes, from the moment on in which all of the first ones are ready. */
export const liveRun = async (
  redisUrl: string,
  { kind, counts }: Pick<LiveRun, 'kind' | 'counts'>,
  model: LiveModel,
  requests: readonly Arrival[],
  { planEveryS: everyS, replicasMax }: LiveParameters,
): Promise<LiveRun> => {
  const stack = await startLocalStack({ redisUrl, shape: counts, settings: model.settings });
  const lifetimes: Lifetime[] = [];
  const follow = (process: ServiceProcess, fromMs: number): void => {
    const lifetime: Lifetime = { fromMs, untilMs: undefined };
    lifetimes.push(lifetime);
    void process.exited.then(() => (lifetime.untilMs ??= performance.now()));
  };
  const beginMs = performance.now();
  for (const service of liveServices) {
    for (const process of stack.instances(service)) follow(process, beginMs);
  }
  const startedMs: number[] = [];
  const steps: LiveStep[] = [];
  const ended = new AbortController();
  const system = {
    where: () => ({ http: stack.http, grpc: stack.grpc }),
    replace: async (service: string) => {
      const fromMs = performance.now();
      const process = await stack.add(service as ServiceName);
      startedMs.push(performance.now() - fromMs);
      follow(process, fromMs);
      return process;
    },
    starting: (service: string) => stack.adding(service as ServiceName),
    thermal: () => stack.thermal,
  };
  const scaled =
    kind === 'fixed'
      ? undefined
      : keepScaled(
          system,
          { plans: model.plans, counts, everyS, replicasMax, metricsPort: 0, gpusEach: 1 },
          {
            show: (event) => {
              if (event.kind === 'scaled') steps.push(stepOf(event.step, beginMs));
            },
            added: () => undefined,
            signal: ended.signal,
          },
        );
  try {
    const driven = await driveTraffic(stack.http, requests);
    const endMs = performance.now();
    const spans = lifetimes.map(({ fromMs, untilMs = endMs }) => Math.min(endMs, untilMs) - fromMs);
    return {
      ...{ kind, counts, instanceS: spans.reduce((sum, span) => sum + span, 0) / 1000 },
      ...figuresOf(driven, model),
      ...{ startedMs: summarize(startedMs), steps },
      drained: lifetimes.filter(({ untilMs }) => untilMs !== undefined).length,
    };
  } finally {
    ended.abort();
    await scaled;
    await stack.stop();
  }
};

const stepOf = ({ pool, sample, decision }: PoolStep, beginMs: number): LiveStep => ({
  atMs: Math.round(performance.now() - beginMs),
  ...{ service: pool.plan.service, ready: sample.ready, target: decision.target },
  ...{ loadTokensPerS: Math.round(sample.loadTokensPerS), trust: pool.state.trust },
});

/** What the outcomes come to: every request is answered, refused or lost. */
export const figuresOf = (
  driven: readonly DrivenRequest[],
  { ttftMs, tokenMs }: Pick<LiveModel, 'ttftMs' | 'tokenMs'>,
) => {
  const outcomes = driven.map(({ outcome }) => outcome);
  const answered = outcomes.flatMap((one) => (one.kind === 'answered' ? [one] : []));
  const isGood = (outcome: ClassedOutcome): boolean =>
    outcome.kind === 'answered' &&
    outcome.firstMs <= ttftMs &&
    (outcome.wholeMs - outcome.firstMs) / Math.max(1, outcome.tokens - 1) <= tokenMs;
  const good = outcomes.filter(isGood);
  const endMs = driven.at(-1)?.atMs ?? 1;
  const byTenth = (counts: (one: DrivenRequest) => boolean): readonly number[] => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const one of driven.filter(counts)) {
      const tenth = Math.min(9, Math.floor((10 * one.atMs) / endMs));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    return tenths;
  };
  const failures = outcomes.flatMap((one) => ('reason' in one ? [one.reason] : []));
  return {
    ...{ requests: driven.length, attainment: good.length / Math.max(1, driven.length) },
    ...{ answered: answered.length, lost: failures.length, failures },
    refused: outcomes.filter(({ kind }) => kind === 'refused').length,
    dueByTenth: byTenth(() => true),
    missedByTenth: byTenth(({ outcome }) => !isGood(outcome)),
    firstMs: summarize(answered.map(({ firstMs }) => firstMs)),
  };
};
