import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, systemClock } from '@isotherm/kernel';
import { createEnergyCounter } from './rapl-energy.ts';
import { raplLook, type RaplTarget } from './rapl-source.ts';

const still = new AbortController().signal;
const rangeUj = 262_143_328_850;

describe('a counter of energy', () => {
  it('grows, goes around at its range, and is not believed when it is no counter', () => {
    const counter = createEnergyCounter();
    expect(counter.since('a', 5e6, 100e6)).toBeUndefined();
    expect(counter.since('a', 9e6, 100e6)).toBe(4);
    expect(counter.since('a', 1e6, 100e6)).toBe(92);
    expect(counter.since('a', Number.NaN, 100e6)).toBeUndefined();
    expect(counter.since('a', 0, Number.NaN)).toBeUndefined();
    expect(counter.since('b', 5e6, 100e6)).toBeUndefined();
  });
});

describe('energy counters of processors', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'isotherm-rapl-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });
  const write = async (domain: string, name: string, energyUj: number | string): Promise<void> => {
    const folder = join(root, 'class/powercap', domain);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'name'), `${name}\n`);
    await writeFile(join(folder, 'energy_uj'), `${energyUj}\n`);
    await writeFile(join(folder, 'max_energy_range_uj'), `${rangeUj}\n`);
  };
  const open = (target: RaplTarget) => {
    const clock = manualClock();
    const look = raplLook(root, 's1', target, clock);
    return async () => {
      const { readings } = await look(still);
      clock.advance(2_000);
      return readings.map(({ id, quantity, value }) => `${id} ${quantity} ${value}`);
    };
  };

  it('become watts from look to look, past the end of their range', async () => {
    const look = open({ kind: 'gpus' });
    await write('intel-rapl:0', 'package-0', rangeUj - 100e6);
    await write('intel-rapl:1', 'package-1', 0);
    await write('intel-rapl:0:0', 'core', 7);
    expect(await look()).toEqual([]);
    await write('intel-rapl:0', 'package-0', 200e6);
    await write('intel-rapl:1', 'package-1', 90e6);
    expect(await look()).toEqual(['s1/0 power_w 150', 's1/1 power_w 45']);
  });

  it('are the server with what the rest of it draws, or by the counter of all of it', async () => {
    const look = open({ kind: 'server', baseW: 80 });
    await write('intel-rapl:0', 'package-0', 0);
    await look();
    await write('intel-rapl:0', 'package-0', 300e6);
    expect(await look()).toEqual(['s1 power_w 230']);
    await write('intel-rapl:1', 'psys', 0);
    await look();
    await write('intel-rapl:1', 'psys', 500e6);
    expect(await look()).toEqual(['s1 power_w 250']);
  });

  it('are missed with a sentence', async () => {
    await expect(open({ kind: 'gpus' })()).rejects.toThrow('has no intel-rapl domains');
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? it.skip : it)(
    `say who may read them${isRoot ? ' (this is root: all may be read)' : ''}`,
    async () => {
      await write('intel-rapl:0', 'package-0', 5);
      await chmod(join(root, 'class/powercap/intel-rapl:0/energy_uj'), 0);
      await expect(open({ kind: 'gpus' })()).rejects.toThrow('only root may read it');
    },
  );

  const here = existsSync('/sys/class/powercap/intel-rapl:0');
  (here ? it : it.skip)(
    `are read on this machine${here ? '' : ' (has no intel-rapl)'}`,
    async () => {
      const look = raplLook('/sys', 's1', { kind: 'gpus' }, systemClock);
      const outcome = await look(still).then(
        () => 'read',
        (error: Error) => error.message,
      );
      expect(outcome).toMatch(/^read$|only root may read it/);
    },
  );
});
