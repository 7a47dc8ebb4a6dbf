import { delimiter, resolve } from 'node:path';
import { optionsOfProfile, parseProfileOptions } from '@isotherm/engine/profile';
import { createProfileTextModel, loadTextModel, type TextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import { listOf, readModelProfile } from '@isotherm/runtime/profile-file';
import type { ModelSettings } from './aside/aside-calls.ts';
import type { RouterSettings } from './settings.ts';

/**
 * The text sides of all models that a router runs stage by stage; none where servers run them. Faults:
 * `invalid_argument` for two models of the same name, which no client could tell apart.
 */
export const loadModels = async (settings: ModelSettings): Promise<readonly TextModel[]> => {
  if (settings.engine === 'upstream') return [];
  if (settings.engine === 'profile') {
    const { profile, profileFile, profileEntries } = settings;
    const sizes =
      profileFile === ''
        ? {}
        : optionsOfProfile(await readModelProfile(profileFile), listOf(profileEntries));
    return [createProfileTextModel({ ...sizes, ...parseProfileOptions(profile) })];
  }
  const dirs = modelFolders(settings);
  const models = await Promise.all(dirs.map((dir) => loadTextModel(dir)));
  const byName = new Map<string, string>();
  models.forEach(({ facts: { name } }, index) => {
    const dir = dirs[index] ?? '';
    const before = byName.get(name);
    if (before !== undefined) {
      const problem = `The folders ${before} and ${dir} both hold a model named "${name}".`;
      throw new Fault('invalid_argument', problem);
    }
    byName.set(name, dir);
  });
  return models;
};

/** The folders of all models, each once. */
export const modelFolders = ({
  modelDir,
  modelDirs,
}: Pick<RouterSettings, 'modelDir' | 'modelDirs'>): readonly string[] => {
  const given = modelDirs.split(delimiter).filter((dir) => dir !== '');
  return given.length === 0 ? [modelDir] : [...new Set(given.map((dir) => resolve(dir)))];
};
