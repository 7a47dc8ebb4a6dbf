import { invariant } from '@isotherm/kernel';
import {
  boundReports,
  compileLimits,
  warnProblem,
  type Fabric,
  type ReportProblem,
} from '../fabric.ts';
import type { FabricLimits, InstanceRecord, RouterRecord, ThermalRecord } from '../port.ts';
import { openConnections } from './connections.ts';
import { redisBatches } from './redis-batches.ts';
import { redisLanes } from './redis-lanes.ts';
import { redisRegistry } from './redis-registry.ts';

export interface RedisFabricOptions {
  /** redis://host:port, or rediss:// for TLS. */
  readonly url: string;
  /** What all keys start with; fabrics with different prefixes do not see each other. */
  readonly prefix?: string;
  readonly limits?: Partial<FabricLimits>;
  /** Longest wait for the first connection, in milliseconds. */
  readonly connectMs?: number;
  readonly report?: ReportProblem;
}

/**
 * The fabric that processes share through Redis. Throws a Fault `unavailable` when Redis does not
 * answer within `connectMs`; once connected it outlives every outage.
 */
export const redisFabric = async (options: RedisFabricOptions): Promise<Fabric> => {
  const { url, prefix = 'isotherm', connectMs = 10_000 } = options;
  const report = boundReports(options.report ?? warnProblem);
  invariant(prefix.length > 0 && !prefix.includes('{'), 'prefix must be plain text.');
  const limits = compileLimits(options.limits);
  const connections = await openConnections(url, connectMs, report);
  const lanes = redisLanes(connections, { prefix, limits, connectMs, report });
  const shared = { prefix, limits, report };
  const registry = redisRegistry<InstanceRecord>(connections, { ...shared, of: 'instance' });
  const routers = redisRegistry<RouterRecord>(connections, { ...shared, of: 'router' });
  const thermals = redisRegistry<ThermalRecord>(connections, { ...shared, of: 'thermal' });
  return {
    lanes,
    registry,
    routers,
    thermals,
    batches: redisBatches(connections.commands, prefix),
    close: async () => {
      await lanes.close();
      await registry.close();
      await routers.close();
      await thermals.close();
      connections.close();
    },
  };
};
