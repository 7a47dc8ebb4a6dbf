import { Fault } from '@isotherm/kernel';
import type { ReportProblem } from '../fabric.ts';
import type { FabricLimits, Registration, Registry, RegistryEntry } from '../port.ts';
import type { Connections } from './connections.ts';
import { registryWatch, sortedById } from './registry-watch.ts';
import { enterRegistry, leaveRegistry, listRegistry } from './registry-scripts.ts';
import { defineScript } from './script.ts';

export interface RedisRegistryOptions {
  readonly prefix: string;
  /** Whose registry it is: each has keys and a channel of its own. */
  readonly of: 'instance' | 'router' | 'thermal';
  readonly limits: FabricLimits;
  readonly report: ReportProblem;
}

export const redisRegistry = <Entry extends RegistryEntry>(
  connections: Connections,
  { prefix, of, limits, report }: RedisRegistryOptions,
): Registry<Entry> => {
  const { commands } = connections;
  const enter = defineScript(commands, enterRegistry);
  const leave = defineScript(commands, leaveRegistry);
  const listAll = defineScript(commands, listRegistry);
  const entryPrefix = `${prefix}:registry:${of}:`;
  const index = `${prefix}:registry:${of}s`;
  const channel = `${prefix}:registry:${of}s:changed`;
  const heartbeats = new Set<NodeJS.Timeout>();
  let closed = false;

  const write = async (record: Entry): Promise<void> => {
    const text = JSON.stringify(record);
    await enter(entryPrefix + record.id, index, channel, record.id, text, limits.expiryMs);
  };

  const list = async (): Promise<readonly Entry[]> => {
    const texts = (await listAll(index, entryPrefix)) as readonly string[];
    return sortedById(texts.map((text) => JSON.parse(text) as Entry));
  };

  const watcher = registryWatch<Entry>({
    commands,
    subscriber: () => connections.subscriber(),
    channel,
    list,
    limits,
    report,
  });

  const announce = async (first: Entry): Promise<Registration<Entry>> => {
    if (closed) throw new Fault('unavailable', 'The registry is closed.');
    let record = first;
    let withdrawn = false;
    let writing = false;
    await write(record);
    const beat = async (): Promise<void> => {
      if (writing || withdrawn) return;
      writing = true;
      // Redis is away: the next heartbeat carries the whole record again.
      await write(record).catch(() => {});
      writing = false;
    };
    const timer = setInterval(() => void beat(), limits.heartbeatMs).unref();
    heartbeats.add(timer);
    return {
      update: async (next) => {
        if (withdrawn) return;
        record = next;
        await write(next).catch(() => {});
      },
      withdraw: async () => {
        if (withdrawn) return;
        withdrawn = true;
        clearInterval(timer);
        heartbeats.delete(timer);
        // When Redis is away the entry expires by itself.
        await leave(entryPrefix + record.id, index, channel, record.id).catch(() => {});
      },
    };
  };

  return {
    announce,
    list,
    watch: (changed) => watcher.watch(changed),
    close: async () => {
      closed = true;
      for (const timer of heartbeats) clearInterval(timer);
      heartbeats.clear();
      watcher.close();
    },
  };
};
