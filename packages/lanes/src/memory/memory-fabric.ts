import { systemClock, type Clock } from '@isotherm/kernel';
import { compileLimits, warnProblem, type Fabric, type ReportProblem } from '../fabric.ts';
import type {
  FabricLimits,
  InstanceRecord,
  LaneConsumer,
  Registration,
  RouterRecord,
  ThermalRecord,
} from '../port.ts';
import { memoryBatches } from './memory-batches.ts';
import { memoryLanes } from './memory-lanes.ts';
import { memoryRegistry } from './memory-registry.ts';

export interface MemoryFabricOptions {
  readonly limits?: Partial<FabricLimits>;
  /** Decides when the entry of a crashed instance has expired. */
  readonly clock?: Clock;
  readonly report?: ReportProblem;
}

export interface MemoryFabric extends Fabric {
  /**
   * Fault injection: the consumer or the registration stops as though its process had died. Its
   * running jobs are delivered again after `stalledMs`, its entry expires after `expiryMs`.
   */
  crash(part: LaneConsumer | Registration | Registration<RouterRecord>): void;
}

/**
 * The fabric of one embedded process: all of its stages share this object. Bodies are handed over
 * by reference, so they are to be left unchanged after `add`.
 */
export const memoryFabric = (options: MemoryFabricOptions = {}): MemoryFabric => {
  const { clock = systemClock, report = warnProblem } = options;
  const limits = compileLimits(options.limits);
  const lanes = memoryLanes(limits, report);
  const registry = memoryRegistry<InstanceRecord>(limits, clock, report);
  const routers = memoryRegistry<RouterRecord>(limits, clock, report);
  const thermals = memoryRegistry<ThermalRecord>(limits, clock, report);
  return {
    lanes,
    registry,
    routers,
    thermals,
    batches: memoryBatches(clock),
    crash: (part) => {
      if ('pause' in part) lanes.crash(part);
      else if (!registry.crash(part)) routers.crash(part);
    },
    close: async () => {
      await lanes.close();
      await registry.close();
      await routers.close();
      await thermals.close();
    },
  };
};
