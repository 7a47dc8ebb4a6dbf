import { dirname, resolve } from 'node:path';
import { checkRoomPlan, parseEpw, type RoomPlan } from '@isotherm/plant';
import { parseYaml, readTextFile } from '@isotherm/runtime/yaml-file';

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

const readText = (path: string): Promise<string> =>
  readTextFile(path).catch((cause: unknown) => {
    throw topologyError(cause);
  });

/** The plan that a YAML text describes. Throws TopologyError with all that is wrong. */
export const planOf = (text: string, path: string): RoomPlan => {
  const checked = checkRoomPlan(parsed(text, path));
  if (checked.kind === 'ok') return checked.plan;
  const lines = checked.problems.map(({ path: where, message }) => `  ${where}: ${message}`);
  throw new TopologyError(`${path}:\n${lines.join('\n')}`);
};

const parsed = (text: string, path: string): unknown => {
  try {
    return parseYaml(text, path);
  } catch (cause) {
    throw topologyError(cause);
  }
};

const topologyError = (cause: unknown): TopologyError =>
  new TopologyError(cause instanceof Error ? cause.message : String(cause), { cause });
