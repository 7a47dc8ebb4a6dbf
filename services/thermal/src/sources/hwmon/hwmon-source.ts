import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Look } from '../polling/polling-source.ts';
import { hwmonReadings, type HwmonRule, type HwmonValue } from './hwmon-readings.ts';

/** Chips and files of a chip that are read at the most: a server has tens of each. */
const chipsMax = 128;
const filesMax = 512;

/** Power as an average where the driver has one, else as it is now. */
const valueFile = /^(temp\d{1,3}|power\d{1,3})_(input|average)$/;

/** Looks at the sensors of this machine that Linux knows of, below `root` (/sys). */
export const hwmonLook =
  (
    root: string,
    server: string,
    rules: readonly HwmonRule[],
  ): ((signal: AbortSignal) => Promise<Look>) =>
  async (signal) => {
    const folder = join(root, 'class/hwmon');
    const values = await readChips(folder, signal);
    const readings = hwmonReadings(values, server, rules);
    if (readings.length > 0) return { readings };
    const seen = values.map(
      ({ chip, label, sensor }) => `${chip} ${label === '' ? sensor : label}`,
    );
    throw new Error(
      seen.length === 0
        ? `${folder} has no sensors`
        : `${folder}: no rule for ${seen.slice(0, 10).join(', ')}`,
    );
  };

const readChips = async (folder: string, signal: AbortSignal): Promise<readonly HwmonValue[]> => {
  const chips = await namesIn(folder);
  const orders = new Map<string, number>();
  const values: HwmonValue[] = [];
  for (const each of chips.slice(0, chipsMax)) {
    if (signal.aborted) break;
    const path = join(folder, each);
    const chip = await textOf(join(path, 'name'));
    if (chip === undefined) continue;
    const order = orders.get(chip) ?? 0;
    orders.set(chip, order + 1);
    values.push(...(await readChip(path, chip, order)));
  }
  return values;
};

const readChip = async (
  path: string,
  chip: string,
  order: number,
): Promise<readonly HwmonValue[]> => {
  const raws = new Map<string, string>();
  for (const file of (await namesIn(path)).slice(0, filesMax)) {
    const [, sensor = '', form = ''] = valueFile.exec(file) ?? [];
    if (sensor === '' || (raws.has(sensor) && form !== 'average')) continue;
    const raw = await textOf(join(path, file));
    if (raw !== undefined) raws.set(sensor, raw);
  }
  const values: HwmonValue[] = [];
  for (const [sensor, raw] of raws) {
    const label = (await textOf(join(path, `${sensor}_label`))) ?? '';
    values.push({ chip, order, sensor, label, raw });
  }
  return values;
};

const byNumber = new Intl.Collator('en', { numeric: true });

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).sort(byNumber.compare);
  } catch {
    return [];
  }
};

/** A sensor that is switched off cannot be read: that is no fault. */
const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
};
