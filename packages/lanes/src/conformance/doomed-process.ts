/**
 * A process that the suite kills. It announces an instance, or takes jobs and finishes none, and
 * says on standard output what it does, a line each: `ready`, `taken`.
 */
import type { FabricLimits, InstanceRecord, LaneName } from '../port.ts';
import { redisFabric } from '../redis/redis-fabric.ts';

export interface DoomedOrders {
  readonly url: string;
  readonly prefix: string;
  readonly limits: Partial<FabricLimits>;
  readonly role:
    | { readonly kind: 'consumer'; readonly lane: LaneName; readonly concurrency: number }
    | { readonly kind: 'instance'; readonly record: InstanceRecord };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.stdin.resume().once('end', () => process.exit());

const { role, ...options } = JSON.parse(process.argv[2] ?? '') as DoomedOrders;
const { lanes, registry } = await redisFabric(options);
if (role.kind === 'instance') {
  await registry.announce(role.record);
} else {
  const takeForEver = (): Promise<void> => {
    say('taken');
    return new Promise(() => {});
  };
  await lanes.consume(role.lane, takeForEver, { concurrency: role.concurrency });
}
say('ready');
