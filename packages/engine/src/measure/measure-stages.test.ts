import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type ProfileEntry, seededRandom, type SourcedPoint } from '@isotherm/kernel';
import {
  profileDecodeEngine,
  profileEncodeEngine,
  profilePrefillEngine,
} from '../profile/profile-engines.ts';
import { profiledTime } from '../profile/stage-time.ts';
import { takeTime } from '../profile/take-time.ts';
import { measureLoad } from './measure-load.ts';
import { measureDecode, measureEncode, measurePrefill, promptOf } from './measure-stages.ts';
import { processorEnergy } from './processor-energy.ts';
import { quantile } from './timed-runs.ts';

const none = { joules: () => Promise.resolve(undefined) };
const points: SourcedPoint[] = [];
const how = {
  ...{ runsMin: 3, runsMax: 3, secondsEach: 0, energy: none },
  signal: new AbortController().signal,
  onPoint: (point: SourcedPoint) => void points.push(point),
};

/** By single timers, which are late and never early; a device makes up for it. */
const served = (
  stage: ProfileEntry['stage'],
  own: readonly (readonly [batch: number, tokens: number, latencyMs: number])[],
) => ({
  ...profiledTime({
    ...{ name: 'a', stage, model: 'm', hardware: 'h', gpus: 1, precision: 'bf16', batchMax: 4 },
    ...{ source: 'test', startS: 0, load: [] },
    points: own.map(([batch, tokens, latencyMs]) => ({ batch, tokens, latencyMs })),
  }),
  take: takeTime,
});

const pictures = (tokens: number) =>
  [1, 2, 3, 4].map((byte) => ({
    ...{ kind: 'file' as const, modality: 'image' as const, tokens },
    bytes: Uint8Array.of(byte),
  }));

/** Every point has its time and no more than what timers and a busy machine add. */
const follows = (
  measured: readonly SourcedPoint[],
  expected: readonly (readonly [number, number, number])[],
): void => {
  expect(measured.map(({ batch, tokens }) => [batch, tokens])).toEqual(
    expected.map(([batch, tokens]) => [batch, tokens]),
  );
  measured.forEach(({ latencyMs }, index) => {
    // Timers count whole milliseconds, and three steps are not half of what a context grows by.
    expect(latencyMs).toBeGreaterThanOrEqual(0.9 * (expected[index]?.[2] ?? 0) - 1);
  });
  const order = (list: readonly number[]): readonly number[] =>
    list.map((_, index) => index).toSorted((a, b) => (list[a] ?? 0) - (list[b] ?? 0));
  expect(order(measured.map(({ latencyMs }) => latencyMs))).toEqual(
    order(expected.map(([, , ms]) => ms)),
  );
};

describe('what is measured of engines that serve a profile', () => {
  it('is the profile: encode', async () => {
    const time = served('encode', [
      ...([
        [1, 10, 20],
        [4, 10, 160],
        [1, 40, 80],
        [4, 40, 320],
      ] as const),
    ]);
    const engine = profileEncodeEngine({}, time);
    const measured = await measureEncode(engine, [pictures(10), pictures(40)], [1, 4], how);
    follows(measured, [
      [1, 10, 20],
      [4, 10, 160],
      [1, 40, 80],
      [4, 40, 320],
    ]);
    expect(measured[0]).not.toHaveProperty('powerW');
  });

  it('is the profile: prefill and decode', async () => {
    const prefill = profilePrefillEngine(
      {},
      served('prefill', [
        [1, 0, 10],
        [1, 100, 110],
      ]),
    );
    follows(await measurePrefill(prefill, [10, 50, 200], () => 97, how), [
      ...([
        [1, 10, 20],
        [1, 50, 60],
        [1, 200, 210],
      ] as const),
    ]);
    const time = served('decode', [
      [1, 9, 20],
      [4, 9, 80],
      [1, 88, 150],
      [4, 88, 300],
    ]);
    const decode = profileDecodeEngine({}, time);
    const contexts = await Promise.all(
      [8, 80].map(async (tokens) => {
        const { kvCache, token } = await profilePrefillEngine().prefill(
          promptOf(tokens, () => 97),
          how.signal,
        );
        return { tokens, kvCache, token };
      }),
    );
    // Each grows by a quarter of its length, or by 16: half of that on average.
    follows(await measureDecode(decode, contexts, [1, 4], how), [
      ...([
        [1, 9, 20],
        [4, 9, 80],
        [1, 88, 150],
        [4, 88, 300],
      ] as const),
    ]);
    expect(points.length).toBe(11);
  });
});

describe('a load', () => {
  const options = { jobs: 20, tokensEach: 10, batchMax: 4, random: seededRandom(1), energy: none };

  it('waits where it is more than the engine does, and goes in batches', async () => {
    const sizes: number[] = [];
    const work = async (batch: number): Promise<void> => {
      sizes.push(batch);
      await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const point = await measureLoad(work, { ...options, jobsPerS: 1000 });
    expect(point.offeredTokensPerS).toBe(10_000);
    expect(point.doneTokensPerS).toBeLessThan(5000);
    expect(Math.max(...sizes)).toBe(4);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20);
    expect(point.p99Ms).toBeGreaterThan(20);
    expect(point.busyShare).toBeGreaterThan(0.5);
  });
});

it('quantiles are values that were seen', () => {
  expect([0, 0.5, 0.99, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 2, 4, 4]);
});

describe('energy of the processors', () => {
  let folder: string | undefined;
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('is the sum of whole processors, around the end of their counters', async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-rapl-'));
    const write = async (name: string, microjoules: number): Promise<void> => {
      await mkdir(join(folder ?? '', name), { recursive: true });
      await writeFile(join(folder ?? '', name, 'energy_uj'), `${microjoules}\n`);
      await writeFile(join(folder ?? '', name, 'max_energy_range_uj'), '10000000\n');
    };
    const meter = processorEnergy(folder);
    await write('intel-rapl:0', 9_000_000);
    await write('intel-rapl:1', 1_000_000);
    await write('intel-rapl:0:0', 5);
    expect(await meter.joules()).toBe(0);
    await write('intel-rapl:0', 1_000_000);
    await write('intel-rapl:1', 1_500_000);
    await write('intel-rapl:0:0', 7_000_000);
    expect(await meter.joules()).toBe(2.5);
  });

  it('is unknown where there is none', async () => {
    expect(await processorEnergy('/nowhere').joules()).toBeUndefined();
  });
});
