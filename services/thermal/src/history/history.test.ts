import { describe, expect, it } from '@jest/globals';
import type { LevelRef } from '../topology/level.ts';
import { pointsOf } from './points.ts';
import { createRecorder } from './recorder.ts';
import { recordBytes, resolutions } from './ring.ts';
import { type HistoryStore, memoryHistory } from './store.ts';

const row: LevelRef = { level: 'row', id: 'r1' };
const gpu: LevelRef = { level: 'gpu', id: 's1/0' };
const startMs = 1_700_000_000_000;

const open = (store: HistoryStore, seriesMax = 10) => {
  const time = { nowMs: startMs };
  const options = { prefix: 'test', seriesMax, nowMs: () => time.nowMs };
  const recorder = createRecorder([row, gpu], store, options);
  const hear = (value: number, of = row): void =>
    recorder.hear({ of, quantity: 'power_w', value, atMs: time.nowMs });
  return { time, recorder, hear };
};

const whole = { fromMs: 0, toMs: Infinity, pointsMax: 10_000 };

describe('history', () => {
  it('gives what was heard, also what is not yet written', async () => {
    const { time, recorder, hear } = open(memoryHistory());
    for (const value of [10, 20, 60]) {
      hear(value);
      time.nowMs += 400;
    }
    const points = pointsOf((await recorder.read(row, 'power_w')) ?? [], whole);
    expect(points).toEqual([{ atMs: startMs, min: 10, mean: 30, max: 60, count: 3 }]);
  });

  it('outlives the process that wrote it', async () => {
    const store = memoryHistory();
    const first = open(store);
    for (let second = 0; second < 60; second += 1) {
      first.hear(second);
      first.time.nowMs += 1_000;
    }
    await first.recorder.flush();
    const second = open(store);
    second.time.nowMs = first.time.nowMs;
    const points = pointsOf((await second.recorder.read(row, 'power_w')) ?? [], whole);
    expect(points.at(-1)).toMatchObject({ atMs: startMs + 58_000, mean: 58, count: 1 });
    expect(points).toHaveLength(59);
  });

  it('becomes coarser with age, in order and without counting twice, and stays bounded', async () => {
    const sizes = new Map<string, number>();
    const memory = memoryHistory();
    const store: HistoryStore = {
      ...memory,
      write: async (pieces) => {
        for (const { key, offset, bytes } of pieces) {
          sizes.set(key, Math.max(sizes.get(key) ?? 0, offset + bytes.length));
        }
        await memory.write(pieces);
      },
    };
    const { time, recorder, hear } = open(store);
    const seconds = 3 * 3600;
    for (let second = 0; second < seconds; second += 1) {
      hear(second % 100);
      time.nowMs += 1_000;
      if (second % 10 === 9) await recorder.flush();
    }
    const points = pointsOf((await recorder.read(row, 'power_w')) ?? [], whole);
    const times = points.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const counted = points.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBeLessThanOrEqual(seconds);
    expect(counted).toBeGreaterThan(seconds - 130);
    expect(Math.min(...points.map(({ mean }) => mean))).toBeGreaterThanOrEqual(0);
    const most = resolutions.reduce((sum, { records }) => sum + records, 0) * recordBytes;
    expect([...sizes.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(most);
    const few = pointsOf((await recorder.read(row, 'power_w')) ?? [], { ...whole, pointsMax: 50 });
    expect(few.length).toBeLessThanOrEqual(50);
    expect(few.reduce((sum, { count }) => sum + count, 0)).toBe(counted);
  });

  it('keeps no more series than it may, those of high levels first', async () => {
    const { recorder, hear } = open(memoryHistory(), 1);
    hear(5);
    hear(7, gpu);
    expect(await recorder.read(gpu, 'power_w')).toBeUndefined();
    expect(await recorder.read(row, 'power_w')).toHaveLength(3);
    expect(await recorder.read(row, 'supply_c')).toBeUndefined();
  });

  it('keeps what it could not write, and not without end', async () => {
    const memory = memoryHistory();
    let away = true;
    const write: HistoryStore['write'] = (pieces) =>
      away ? Promise.reject(new Error('away')) : memory.write(pieces);
    const { time, recorder, hear } = open({ ...memory, write });
    for (let second = 0; second < 300; second += 1) {
      hear(second);
      time.nowMs += 1_000;
      await recorder.flush().catch(() => undefined);
    }
    away = false;
    await recorder.flush();
    const parts = (await recorder.read(row, 'power_w')) ?? [];
    expect(parts[0]?.records.length).toBeLessThanOrEqual(122);
    expect(pointsOf(parts, whole).length).toBeGreaterThan(100);
  });
});
