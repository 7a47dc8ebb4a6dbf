import type { ScaleSettings } from '@isotherm/policy';
import type { StageService } from '@isotherm/stack';
import {
  leastBusy,
  nextPool,
  type Pool,
  type PoolPlan,
  type PoolReading,
  type PoolStep,
} from './pool.ts';

/** What scaling sees and does. */
export interface Fleet {
  read(plan: PoolPlan): Promise<PoolReading>;
  /** Instances that somebody is starting already, in the place of ones that have died. */
  starting(service: StageService): number;
  /** Starts one more, and is there once it takes work. */
  add(service: StageService): Promise<void>;
  /** Lets one end what it has begun and go. */
  drain(instanceId: string): Promise<void>;
}

/** One look at every pool: plans where it is time to, and acts on what is planned. Rejects where the fleet cannot be read. */
export const scalePools = async (
  pools: readonly Pool[],
  fleet: Fleet,
  settings: ScaleSettings,
  onStep: (step: PoolStep) => void,
): Promise<readonly Pool[]> =>
  Promise.all(
    pools.map(async (pool) => {
      const { service } = pool.plan;
      const reading = await fleet.read(pool.plan);
      const { pool: next, step } = nextPool(pool, reading, settings);
      if (step === undefined) return next;
      onStep(step);
      if (step.decision.kind === 'wait') return next;
      const lack = next.state.target - reading.instances.length - fleet.starting(service);
      for (let added = 0; added < lack; added += 1) await fleet.add(service);
      let left = reading;
      for (let gone = 0; gone < -lack; gone += 1) {
        const one = leastBusy(left);
        if (one === undefined) break;
        await fleet.drain(one.instanceId);
        left = { ...left, instances: left.instances.filter((other) => other !== one) };
      }
      return next;
    }),
  );
