import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { pointsOf } from './points.ts';
import { createRecorder } from './recorder.ts';
import { redisHistory } from './redis-history.ts';

const url = process.env['ISOTHERM_TEST_REDIS_URL'] ?? '';
const row = { level: 'row', id: 'r1' } as const;
const whole = { fromMs: 0, toMs: Infinity, pointsMax: 10_000 };

describe('history in Redis', () => {
  if (url === '') {
    it.skip('NOT TESTED: there is no Redis (ISOTHERM_TEST_REDIS_URL)', () => {});
    return;
  }

  it('is there for the next process, in keys that expire', async () => {
    const startMs = Date.now();
    const prefix = `test-${randomUUID()}`;
    const time = { nowMs: startMs };
    const options = { prefix, seriesMax: 10, nowMs: () => time.nowMs };
    const first = redisHistory(url, () => undefined);
    const recorder = createRecorder([row], first, options);
    await first.ready();
    for (let second = 0; second < 120; second += 1) {
      recorder.hear({ of: row, quantity: 'power_w', value: second, atMs: time.nowMs });
      time.nowMs += 1_000;
    }
    await recorder.flush();
    first.close();

    const store = redisHistory(url, () => undefined);
    await store.ready();
    const later = createRecorder([row], store, options);
    const points = pointsOf((await later.read(row, 'power_w')) ?? [], whole);
    expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(119);
    expect(points.at(-1)).toMatchObject({ min: 118, mean: 118, max: 118 });
    store.close();
  });

  it('says that it cannot be reached, and does not wait for ever', async () => {
    const store = redisHistory('redis://127.0.0.1:1', () => undefined);
    const asked = store.read('any');
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    store.close();
  });
});
