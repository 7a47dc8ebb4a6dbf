import { dirname, resolve } from 'node:path';
import type { DocumentProblem } from '@isotherm/kernel';
import { checkRoomPlan, parseEpw, type RoomPlan } from '@isotherm/plant';
import { parseYaml, readTextFile } from '@isotherm/runtime/yaml-file';
import { CommandError } from '../exit-code.ts';

/** The plan in a file, or everything that is wrong with it. */
export type ReadPlan =
  | { readonly kind: 'ok'; readonly plan: RoomPlan }
  | { readonly kind: 'refused'; readonly problems: readonly DocumentProblem[] };

/** Reads and checks a plan, and the weather file that it names beside it. Throws where the file cannot be read. */
export const readPlan = async (path: string): Promise<ReadPlan> => {
  const checked = checkRoomPlan(await readYaml(path));
  if (checked.kind === 'refused' || checked.plan.outside.kind !== 'epw') return checked;
  const problem = await weatherProblem(resolve(dirname(path), checked.plan.outside.file));
  return problem === undefined
    ? checked
    : { kind: 'refused', problems: [{ path: 'outside.file', message: problem }] };
};

const readYaml = async (path: string): Promise<unknown> => {
  try {
    return parseYaml(await readTextFile(path), path);
  } catch (cause) {
    throw new CommandError(messageOf(cause), { cause });
  }
};

const weatherProblem = async (path: string): Promise<string | undefined> => {
  try {
    const weather = parseEpw(await readTextFile(path));
    return weather.kind === 'refused' ? `${path}: ${weather.reason}` : undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
};

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
