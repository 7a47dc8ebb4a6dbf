import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HwmonRule } from './hwmon-readings.ts';
import { hwmonLook } from './hwmon-source.ts';

const still = new AbortController().signal;

describe("Linux' own sensors", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'isotherm-hwmon-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true });
  });
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      const whole = join(root, 'class/hwmon', path);
      await mkdir(dirname(whole), { recursive: true });
      await writeFile(whole, `${text}\n`);
    }
  };
  const look = async (rules: readonly HwmonRule[] = []) =>
    (await hwmonLook(root, 's1', rules)(still)).readings.map(
      ({ level, id, quantity, value }) => `${level} ${id} ${quantity} ${value}`,
    );

  it('are read by the names that drivers give them', async () => {
    await write({
      ...{ 'hwmon0/name': 'power_meter', 'hwmon0/power1_average': '1234500000' },
      ...{ 'hwmon2/name': 'amdgpu', 'hwmon2/temp1_label': 'edge', 'hwmon2/temp1_input': '50000' },
      ...{ 'hwmon2/temp2_label': 'junction', 'hwmon2/temp2_input': '61500' },
      ...{ 'hwmon2/temp3_label': 'mem', 'hwmon2/temp3_input': '72000' },
      ...{ 'hwmon2/power1_average': '300000000', 'hwmon2/power1_input': '400000000' },
      ...{ 'hwmon10/name': 'amdgpu', 'hwmon10/temp2_label': 'junction' },
      ...{ 'hwmon10/temp2_input': '55000', 'hwmon10/power1_input': '250000000' },
      ...{ 'hwmon3/name': 'nct6798', 'hwmon3/temp1_label': 'Front Inlet' },
      ...{ 'hwmon3/temp1_input': '24500', 'hwmon3/temp2_input': '99000' },
    });
    expect((await look()).sort()).toEqual([
      'gpu s1/0 core_c 61.5',
      'gpu s1/0 memory_c 72',
      'gpu s1/0 power_w 300',
      'gpu s1/1 core_c 55',
      'gpu s1/1 power_w 250',
      'server s1 inlet_c 24.5',
      'server s1 power_w 1234.5',
    ]);
  });

  it('are what rules say, the hottest of several', async () => {
    await write({
      ...{ 'hwmon0/name': 'k10temp', 'hwmon0/temp1_label': 'Tctl', 'hwmon0/temp1_input': '60000' },
      ...{
        'hwmon1/name': 'coretemp',
        'hwmon1/temp1_input': '40000',
        'hwmon1/temp2_input': '45000',
      },
    });
    expect(
      await look([
        { chip: 'k10temp', label: 'Tctl', gpu: 0, quantity: 'core_c' },
        { chip: 'coretemp', quantity: 'exhaust_c' },
      ]),
    ).toEqual(['gpu s1/0 core_c 60', 'server s1 exhaust_c 45']);
  });

  it('that write no number are no number', async () => {
    await write({ 'hwmon0/name': 'power_meter', 'hwmon0/power1_average': 'ERR' });
    expect(await look()).toEqual(['server s1 power_w NaN']);
  });

  it('are missed with a sentence', async () => {
    await expect(look()).rejects.toThrow('class/hwmon has no sensors');
    await write({
      'hwmon0/name': 'k10temp',
      'hwmon0/temp1_label': 'Tctl',
      'hwmon0/temp1_input': '1',
    });
    await expect(look()).rejects.toThrow('no rule for k10temp Tctl');
  });

  const here = existsSync('/sys/class/hwmon');
  (here ? it : it.skip)(
    `are read or missed on this machine${here ? '' : ' (has no /sys/class/hwmon)'}`,
    async () => {
      const outcome = await hwmonLook(
        '/sys',
        's1',
        [],
      )(still).then(
        ({ readings }) => readings.every(({ value }) => Number.isFinite(value)),
        (error: Error) => /no sensors|no rule for/.test(error.message),
      );
      expect(outcome).toBe(true);
    },
  );
});
