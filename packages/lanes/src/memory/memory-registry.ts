import { Fault, type Clock } from '@isotherm/kernel';
import type { ReportProblem } from '../fabric.ts';
import type { FabricLimits, Registration, Registry, RegistryEntry } from '../port.ts';

export interface MemoryRegistry<Entry extends RegistryEntry> extends Registry<Entry> {
  /** The entry's heartbeats stop as though its process had died; `false` if it is not known. */
  crash(registration: object): boolean;
}

interface Held<Entry extends RegistryEntry> {
  readonly owner: Registration<Entry>;
  readonly record: Entry;
  /** When the heartbeats stopped; an entry of a living process has none. */
  readonly silentSinceMs?: number;
}

/**
 * A registry inside one process. Its entries need no heartbeat: as long as the process lives they
 * do too. Only a crash that was asked for makes an entry expire.
 */
export const memoryRegistry = <Entry extends RegistryEntry>(
  limits: FabricLimits,
  clock: Clock,
  report: ReportProblem,
): MemoryRegistry<Entry> => {
  const entries = new Map<string, Held<Entry>>();
  const watchers = new Set<() => void>();
  let expiryPoll: NodeJS.Timeout | undefined;
  let closed = false;

  const living = (): readonly Entry[] => {
    const nowMs = clock.monotonicMs();
    for (const [id, { silentSinceMs }] of entries) {
      if (silentSinceMs !== undefined && silentSinceMs + limits.expiryMs <= nowMs) {
        entries.delete(id);
      }
    }
    return [...entries.values()]
      .map(({ record }) => record)
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  };

  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };

  const pollExpiry = (): void => {
    const known = entries.size;
    living();
    if (entries.size !== known) notify();
    if ([...entries.values()].some(({ silentSinceMs }) => silentSinceMs !== undefined)) return;
    clearInterval(expiryPoll);
    expiryPoll = undefined;
  };

  const announce = async (record: Entry): Promise<Registration<Entry>> => {
    if (closed) throw new Fault('unavailable', 'The registry is closed.');
    const registration: Registration<Entry> = {
      update: async (next) => {
        if (entries.get(record.id)?.owner !== registration) return;
        entries.set(record.id, { owner: registration, record: next });
        notify();
      },
      withdraw: async () => {
        if (entries.get(record.id)?.owner !== registration) return;
        entries.delete(record.id);
        notify();
      },
    };
    entries.set(record.id, { owner: registration, record });
    notify();
    return registration;
  };

  const watch: Registry<Entry>['watch'] = async (changed) => {
    let last = '';
    const watcher = (): void => {
      const records = living();
      const text = JSON.stringify(records);
      if (text === last) return;
      last = text;
      try {
        changed(records);
      } catch (cause) {
        report({ kind: 'watch_failed', cause });
      }
    };
    watchers.add(watcher);
    watcher();
    return {
      close: async () => {
        watchers.delete(watcher);
      },
    };
  };

  const crash = (registration: object): boolean => {
    for (const [id, entry] of entries) {
      if (entry.owner !== registration) continue;
      entries.set(id, { ...entry, silentSinceMs: clock.monotonicMs() });
      expiryPoll ??= setInterval(pollExpiry, limits.heartbeatMs).unref();
      return true;
    }
    return false;
  };

  return {
    announce,
    list: async () => living(),
    watch,
    crash,
    close: async () => {
      closed = true;
      clearInterval(expiryPoll);
      watchers.clear();
      entries.clear();
    },
  };
};
