import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '@isotherm/kernel';
import type { Redis } from 'ioredis';
import { defaultLimits, type RegistryEntry } from '../port.ts';
import { registryWatch } from './registry-watch.ts';

const first: RegistryEntry = { id: 'first' };
const second: RegistryEntry = { id: 'second' };

/** Only what the watch uses of a connection: the events that it listens to. */
class Connection extends EventEmitter {
  subscribe = (): Promise<number> => Promise.resolve(1);
  asRedis = (): Redis => this as unknown as Redis;
}

describe('a watch of the registry, when Redis has come back empty', () => {
  it('keeps an entry that is heard of while an older list is on its way', async () => {
    const commands = new Connection();
    const subscriber = new Connection();
    const lists: Deferred<readonly RegistryEntry[]>[] = [];
    const told: string[][] = [];
    const watch = registryWatch<RegistryEntry>({
      commands: commands.asRedis(),
      subscriber: () => Promise.resolve(subscriber.asRedis()),
      channel: 'changed',
      list: () => {
        const asked = deferred<readonly RegistryEntry[]>();
        lists.push(asked);
        return asked.promise;
      },
      limits: { ...defaultLimits, heartbeatMs: 60_000, expiryMs: 60_000 },
      report: () => undefined,
    });
    const answer = async (at: number, entries: readonly RegistryEntry[]): Promise<void> => {
      while (lists[at] === undefined) await new Promise(setImmediate);
      lists[at].resolve(entries);
      await new Promise(setImmediate);
    };
    const watching = watch.watch((entries) => told.push(entries.map(({ id }) => id)));
    await answer(0, [first, second]);
    await watching;
    commands.emit('ready');
    subscriber.emit('message', 'changed', 'second');
    // The list that this asks for was read before `first` had entered again.
    subscriber.emit('message', 'changed', 'first');
    await answer(1, [second]);
    await answer(2, [first, second]);
    watch.close();
    expect(told).toEqual([['first', 'second']]);
  });
});
