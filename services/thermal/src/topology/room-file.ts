import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { checkRoomPlan, parseEpw, type RoomPlan } from '@isotherm/plant';
import { parse } from 'yaml';

/** A room as its file describes it, with the weather file that it names. */
export interface RoomFile {
  readonly plan: RoomPlan;
  /** Temperature outside of each hour of the year, in °C; empty where the plan names no weather file. */
  readonly hourlyC: readonly number[];
}

/** Thrown for a topology that cannot be used; `message` lists every problem on a line of its own. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** Largest file that is read, in bytes: a hall of ten thousand servers takes about one MiB. */
const bytesMax = 16 << 20;
/** YAML aliases: a few bytes of them can stand for gigabytes. */
const aliasCountMax = 100;

/** Reads and checks a topology file, and the weather file that it names beside it. */
export const readRoomFile = async (path: string): Promise<RoomFile> => {
  const text = await readText(path);
  const plan = planOf(text, path);
  if (plan.outside.kind !== 'epw') return { plan, hourlyC: [] };
  const weatherPath = resolve(dirname(path), plan.outside.file);
  const weather = parseEpw(await readText(weatherPath));
  if (weather.kind === 'refused') throw new TopologyError(`${weatherPath}: ${weather.reason}`);
  return { plan, hourlyC: weather.hourlyC };
};

const readText = async (path: string): Promise<string> => {
  try {
    const bytes = await readFile(path);
    if (bytes.length > bytesMax) throw new Error(`is larger than ${bytesMax} bytes`);
    return bytes.toString('utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TopologyError(`${path}: ${why}`, { cause });
  }
};

/** The plan that a YAML text describes. Throws TopologyError with all that is wrong. */
export const planOf = (text: string, path: string): RoomPlan => {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: aliasCountMax, uniqueKeys: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TopologyError(`${path}: ${why}`, { cause });
  }
  const checked = checkRoomPlan(value);
  if (checked.kind === 'ok') return checked.plan;
  const lines = checked.problems.map(({ path: where, message }) => `  ${where}: ${message}`);
  throw new TopologyError(`${path}:\n${lines.join('\n')}`);
};
