import { readdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Fault, type ModelProfile } from '@isotherm/kernel';
import { readModelProfile } from '@isotherm/runtime/profile-file';

/** Most files that a setting may stand for: a folder that was named by mistake is noticed. */
const filesMax = 1_000;
const isProfile = (name: string): boolean => /\.(ya?ml|json)$/.test(name);

/**
 * Profiles of files and folders, by `:`; folders with all that is below them. Faults: `invalid_argument` with the path and all
 * that is wrong there.
 */
export const readProfiles = async (setting: string): Promise<readonly ModelProfile[]> => {
  const paths = setting.split(delimiter).filter((path) => path !== '');
  const files = (await Promise.all(paths.map(filesAt))).flat();
  if (files.length > filesMax) {
    const bound = `${filesMax} files at most`;
    throw new Fault('invalid_argument', `${setting} has ${files.length} profiles; ${bound}.`);
  }
  const profiles = await Promise.all(files.map(readModelProfile));
  const names = new Map<string, string>();
  profiles.forEach(({ name }, at) => {
    const [file, other] = [files[at] ?? '', names.get(name)];
    if (other !== undefined) {
      throw new Fault('invalid_argument', `${other} and ${file} are both called ${name}.`);
    }
    names.set(name, file);
  });
  return profiles;
};

const filesAt = async (path: string): Promise<readonly string[]> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault('invalid_argument', `${path} cannot be read.`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter(isProfile)
    .toSorted()
    .map((name) => join(path, name));
};
