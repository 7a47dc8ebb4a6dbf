import { setTimeout as delay } from 'node:timers/promises';
import { callUnary, createPeers } from '@isotherm/rpc';
import { autoscaleDefaults, type ScaleSettings } from '@isotherm/policy';
import type { ServiceProcess, StageService } from '@isotherm/stack';
import { errorLine } from '../exit-code.ts';
import type { System } from '../up/system.ts';
import type { Show } from '../up/up-event.ts';
import { firstPool, type Pool, type PoolPlan, type PoolStep } from './pool.ts';
import { placesLeft } from './places-left.ts';
import { fleetReader } from './read-fleet.ts';
import { type Fleet, scalePools } from './scale-pools.ts';
import { serveTargetMetrics } from './target-metrics.ts';

export interface AutoscaleOptions {
  readonly plans: readonly PoolPlan[];
  /** Instances of each service that run at the start. */
  readonly counts: Readonly<Record<StageService, number>>;
  /** Time between two plans, and most instances of a stage. */
  readonly everyS: number;
  readonly replicasMax: number;
  readonly metricsPort: number;
  /** GPUs of the room that each instance takes. */
  readonly gpusEach: number;
}

/** Who is told of it, and until when. */
export interface AutoscaleWatch {
  readonly show: Show;
  /** Takes each process that was added for the load: somebody has to look after it. */
  added(process: ServiceProcess): void;
  readonly signal: AbortSignal;
}

export type ScaledSystem = Pick<System, 'where' | 'replace' | 'starting' | 'thermal'>;

/** Looks for each plan. */
const looksEach = 5;
/** The load is the mean of this share of the time between plans: engines count a unit of work when it ends. */
const windowShare = 0.5;
/** How long a miss of the SLO waits for what the plan before it started, as a share of the time between plans. */
const urgentShare = 0.2;
/** Instances are given up only where the load of so many plans does without them. */
const downPlans = 4;
const drainGraceMs = 30_000;

/** Follows the load with instances until the signal ends it; what goes wrong at one look is said, and looked at again. */
export const keepScaled = async (
  system: ScaledSystem,
  options: AutoscaleOptions,
  { show, added, signal }: AutoscaleWatch,
): Promise<void> => {
  const peers = createPeers();
  const metrics = await serveTargetMetrics(options.metricsPort);
  await show({ kind: 'autoscaling', metrics: metrics.url });
  const settings = settingsOf(options);
  const fleet: Fleet = {
    read: fleetReader(peers, {
      router: () => system.where().grpc,
      placesFor: (plan) => placesLeft(peers, system.thermal(), plan, options),
    }),
    starting: (service) => system.starting(service),
    add: async (service) => {
      const process = await system.replace(service);
      added(process);
      await show({ kind: 'added', service, pid: process.pid });
    },
    drain: (instanceId) => drainInstance(peers, system.where().grpc, instanceId),
  };
  let pools: readonly Pool[] = options.plans.map((plan) =>
    firstPool(plan, options.counts[plan.service]),
  );
  const onStep = (step: PoolStep): void => {
    metrics.observe(step);
    if (step.decision.kind !== 'planned' || step.decision.target === step.sample.ready) return;
    void show({ kind: 'scaled', step });
  };
  try {
    while (!signal.aborted) {
      try {
        pools = await scalePools(pools, fleet, settings, onStep);
      } catch (error) {
        if (!signal.aborted) process.stderr.write(`autoscale: ${errorLine(error)}\n`);
      }
      await delay((options.everyS * 1000) / looksEach, undefined, { signal }).catch(
        () => undefined,
      );
    }
  } finally {
    peers.close();
    await metrics.close();
  }
};

const settingsOf = ({ everyS, replicasMax }: AutoscaleOptions): ScaleSettings => {
  const planEveryMs = everyS * 1000;
  return {
    ...autoscaleDefaults,
    ...{ replicasMax, planEveryMs, urgentEveryMs: planEveryMs * urgentShare },
    ...{ loadWindowMs: planEveryMs * windowShare, judgeEveryMs: planEveryMs },
    downWindowMs: downPlans * planEveryMs,
  };
};

const drainInstance = async (
  peers: ReturnType<typeof createPeers>,
  router: string,
  instanceId: string,
): Promise<void> => {
  const deadline = { deadline: Date.now() + 5000 };
  const { instances } = await callUnary<{
    readonly instances: readonly { readonly instanceId: string; readonly address: string }[];
  }>((callback) => peers.router(router).getStatus({}, deadline, callback));
  const found = instances.find((one) => one.instanceId === instanceId);
  if (found === undefined) return;
  await callUnary<unknown>((callback) =>
    peers.stage(found.address).drain({ graceMs: drainGraceMs }, deadline, callback),
  );
};
