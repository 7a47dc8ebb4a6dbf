import { checkModelProfile, Fault, type ModelProfile } from '@isotherm/kernel';
import { parseYaml, readTextFile } from './yaml-file.ts';

/** Reads and checks a profile of stages. Faults: `invalid_argument` with the path and every problem, a line each. */
export const readModelProfile = async (path: string): Promise<ModelProfile> => {
  const checked = checkModelProfile(await readYaml(path));
  if (checked.kind === 'ok') return checked.profile;
  const lines = checked.problems.map(
    ({ path: where, message }) => `  ${where === '' ? 'the profile' : where}: ${message}`,
  );
  throw new Fault(
    'invalid_argument',
    `${path} is no profile (docs/profiles.md):\n${lines.join('\n')}`,
  );
};

const readYaml = async (path: string): Promise<unknown> => {
  try {
    return parseYaml(await readTextFile(path), path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('invalid_argument', message, { cause });
  }
};

/** The items of a setting that is a list by commas. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
