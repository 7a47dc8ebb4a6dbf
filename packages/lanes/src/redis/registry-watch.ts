import type { Redis } from 'ioredis';
import type { ReportProblem } from '../fabric.ts';
import type { FabricLimits, RegistryEntry, RegistryWatch } from '../port.ts';
import { unavailable } from './script.ts';

type Changed<Entry extends RegistryEntry> = (records: readonly Entry[]) => void;

export interface RegistryWatchOptions<Entry extends RegistryEntry> {
  readonly commands: Redis;
  readonly subscriber: () => Promise<Redis>;
  readonly channel: string;
  readonly list: () => Promise<readonly Entry[]>;
  readonly limits: FabricLimits;
  readonly report: ReportProblem;
}

export interface SharedWatch<Entry extends RegistryEntry> {
  watch(changed: Changed<Entry>): Promise<RegistryWatch>;
  close(): void;
}

/**
 * One subscription and one poll for all watchers of a process. A message brings changes within
 * milliseconds; the poll, one every `heartbeatMs`, notices what expired and what a lost message
 * would have said. While Redis is away the last list stands, and for `expiryMs` after its return
 * an entry that is missing is kept: a Redis that came back empty is filled by the next heartbeats,
 * and must not look like a fleet that died.
 */
export const registryWatch = <Entry extends RegistryEntry>(
  options: RegistryWatchOptions<Entry>,
): SharedWatch<Entry> => {
  const { commands, channel, limits, report } = options;
  const watchers = new Set<Changed<Entry>>();
  let known: readonly Entry[] = [];
  let subscribed: Promise<unknown> | undefined;
  let poll: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> | undefined;
  let again = false;
  let keepMissingUntilMs = 0;
  /** Whom the outage may have lost; who has been heard of since is not among them. */
  let perhapsLost = new Set<string>();

  const returned = (): void => {
    keepMissingUntilMs = performance.now() + limits.expiryMs;
    perhapsLost = new Set(known.map(({ id }) => id));
  };
  commands.on('ready', returned);

  const tell = (changed: Changed<Entry>): void => {
    try {
      changed(known);
    } catch (cause) {
      report({ kind: 'watch_failed', cause });
    }
  };

  const read = async (): Promise<void> => {
    const lostBefore = [...perhapsLost];
    const present = await options.list();
    const late = performance.now() >= keepMissingUntilMs;
    if (late) perhapsLost.clear();
    // Who was heard of while the list was on its way may be missing in it: the next one says.
    const kept = new Set(late ? [] : [...lostBefore, ...perhapsLost]);
    const next = withMissing(present, known, kept);
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    known = next;
    for (const changed of watchers) tell(changed);
  };

  /** At most one read at a time, and one more when something happened meanwhile. */
  const refresh = (): Promise<void> => {
    again = refreshing !== undefined;
    refreshing ??= read().finally(() => {
      refreshing = undefined;
      if (again) quietRefresh();
    });
    return refreshing;
  };
  // Failing means that Redis is away: the connection reports it, and the next poll tries again.
  const quietRefresh = (): void => void refresh().catch(() => {});

  const subscribe = async (): Promise<void> => {
    const subscriber = await options.subscriber();
    await subscriber.subscribe(channel);
    subscriber.on('message', (on: string, id: string) => {
      // One connection carries the channels of all registries.
      if (on !== channel) return;
      perhapsLost.delete(id);
      quietRefresh();
    });
  };

  return {
    watch: async (changed) => {
      subscribed ??= subscribe().catch((thrown: unknown) => {
        subscribed = undefined;
        throw unavailable(thrown);
      });
      await subscribed;
      await refresh();
      watchers.add(changed);
      tell(changed);
      poll ??= setInterval(quietRefresh, limits.heartbeatMs).unref();
      return {
        close: async () => {
          watchers.delete(changed);
          if (watchers.size > 0) return;
          clearInterval(poll);
          poll = undefined;
        },
      };
    },
    close: () => {
      commands.off('ready', returned);
      clearInterval(poll);
      watchers.clear();
    },
  };
};

const withMissing = <Entry extends RegistryEntry>(
  present: readonly Entry[],
  known: readonly Entry[],
  perhapsLost: ReadonlySet<string>,
): readonly Entry[] => {
  if (perhapsLost.size === 0) return present;
  const ids = new Set(present.map(({ id }) => id));
  const missing = known.filter(({ id }) => perhapsLost.has(id) && !ids.has(id));
  return sortedById([...present, ...missing]);
};

export const sortedById = <Entry extends RegistryEntry>(
  records: readonly Entry[],
): readonly Entry[] => records.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
