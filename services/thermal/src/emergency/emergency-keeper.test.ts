import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { exampleRoom } from '@isotherm/plant';
import { silentLogger } from '@isotherm/runtime';
import { redisHistory } from '../history/redis-history.ts';
import { type HistoryStore, memoryHistory } from '../history/store.ts';
import { indexRoom } from '../topology/room-index.ts';
import { checkEmergency, type RawEmergency } from './check-emergency.ts';
import { createEmergencyBook } from './emergency-book.ts';
import { createEmergencyKeeper } from './emergency-keeper.ts';

const room = indexRoom(exampleRoom());
const key = 'test:emergencies';

/** A process that keeps emergencies: its plant begins at 0, its clock goes on. */
const open = (store: Pick<HistoryStore, 'put' | 'read'>, nowMs: number, index = room) => {
  const time = { nowMs, s: 0 };
  const book = createEmergencyBook({
    ...{ nowMs: () => time.nowMs, plantS: () => time.s, timeScale: 10 },
  });
  const keeper = createEmergencyKeeper(key, { book, store, index, logger: silentLogger() });
  const declare = (different: Partial<RawEmergency>) =>
    book.declare(
      checkEmergency(
        { ...{ kind: 'power', scope: null, toShare: 0.75, byK: 0, forS: 0 }, ...different },
        index,
      ),
    );
  return { time, book, keeper, declare };
};

describe('the keeper of emergencies', () => {
  it('brings back what is on, with its id and its scope', async () => {
    const store = memoryHistory();
    const first = open(store, 1_000);
    first.declare({});
    const lost = first.declare({ kind: 'ups', toShare: 0, scope: { kind: 'ups', id: 'u1' } });
    first.book.clear('emergency-1');
    await first.keeper.flush();

    const second = open(store, 61_000);
    await second.keeper.restore();
    expect(second.book.active()).toEqual([{ ...lost, sinceS: -600 }]);
    expect(second.declare({}).id).toBe('emergency-3');
  });

  it('lets go on what has an end, by the time that has passed, and leaves out what is over', async () => {
    const store = memoryHistory();
    const first = open(store, 0);
    first.declare({ forS: 700 });
    first.declare({ forS: 500 });
    await first.keeper.flush();

    // A minute is ten in this room.
    const second = open(store, 60_000);
    await second.keeper.restore();
    expect(second.book.active().map(({ id }) => id)).toEqual(['emergency-1']);
    second.time.s = 99;
    expect(second.book.active()).toHaveLength(1);
    second.time.s = 100;
    expect(second.book.active()).toEqual([]);
  });

  it('forgets what was cleared', async () => {
    const store = memoryHistory();
    const first = open(store, 0);
    first.declare({});
    await first.keeper.flush();
    first.book.clear('');
    await first.keeper.flush();
    const second = open(store, 0);
    await second.keeper.restore();
    expect(second.book.active()).toEqual([]);
  });

  it('begins with none where the store is empty, and fills it again', async () => {
    const first = open(memoryHistory(), 0);
    await first.keeper.restore();
    expect(first.book.active()).toEqual([]);
    first.declare({});
    await first.keeper.flush();

    const emptied = memoryHistory();
    const again = open(emptied, 0);
    again.declare({});
    await again.keeper.flush();
    emptied.close();
    await again.keeper.flush();
    const second = open(emptied, 0);
    await second.keeper.restore();
    expect(second.book.active()).toHaveLength(1);
  });

  it('leaves out what this room cannot have, and takes the rest', async () => {
    const store = memoryHistory();
    const large = indexRoom(exampleRoom({ aisles: 3 }));
    const first = open(store, 0, large);
    first.declare({ kind: 'cooling', scope: { kind: 'aisle', id: 'a3' } });
    first.declare({});
    await first.keeper.flush();
    const second = open(store, 0);
    await second.keeper.restore();
    expect(second.book.active().map(({ id }) => id)).toEqual(['emergency-2']);
  });

  it.each(['', '{', '7', '[null, 7, {"id": "x"}]'])('begins with none after %j', async (text) => {
    const store = memoryHistory();
    await store.put(key, Buffer.from(text), 1);
    const { book, keeper } = open(store, 0);
    await keeper.restore();
    expect(book.active()).toEqual([]);
  });

  it('goes on while the store is away, and writes when it is back', async () => {
    const store = memoryHistory();
    const away = { isAway: true };
    const shaky = {
      put: (...given: Parameters<HistoryStore['put']>) =>
        away.isAway ? Promise.reject(new Error('away')) : store.put(...given),
      read: (name: string) => (away.isAway ? Promise.reject(new Error('away')) : store.read(name)),
    };
    const first = open(shaky, 0);
    await first.keeper.restore();
    first.declare({});
    await first.keeper.flush();
    away.isAway = false;
    await first.keeper.flush();
    const second = open(store, 0);
    await second.keeper.restore();
    expect(second.book.active()).toHaveLength(1);
  });

  const url = process.env['ISOTHERM_TEST_REDIS_URL'] ?? '';
  if (url === '') {
    it.skip('NOT TESTED: there is no Redis (ISOTHERM_TEST_REDIS_URL)', () => {});
    return;
  }
  it('finds them in Redis', async () => {
    const own = `test-${randomUUID()}`;
    const store = redisHistory(url, () => undefined);
    await store.ready();
    expect(await store.read(own)).toBeUndefined();
    await store.put(own, Buffer.from('longer than the next'), 60_000);
    await store.put(own, Buffer.from('shorter'), 60_000);
    expect(String(await store.read(own))).toBe('shorter');
    store.close();
  });
});
