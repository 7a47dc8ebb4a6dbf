import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../report/repository.ts';

/** What the experiment reads, below its data folder. */
const needed = [
  'azure/AzureLLMInferenceTrace_conv.csv',
  'data/multimodal/mm-image',
  'weather/USA_AZ_Phoenix-Sky.Harbor.epw',
] as const;

export type DataFolder =
  | { readonly kind: 'found'; readonly folder: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** Where the data lie: where `ISOTHERM_DATA_DIR` says, else unpacked from the archives beside the project, once. */
export const dataFolder = async (): Promise<DataFolder> => {
  const given = process.env['ISOTHERM_DATA_DIR'];
  if (given !== undefined && given !== '') return checked(given);
  const shared = join(repositoryRoot, '..', 'shared', 'data');
  const folder = join(repositoryRoot, '.isotherm', 'bench', 'data');
  const hasAll = needed.every((path) => existsSync(join(folder, path)));
  if (!hasAll && existsSync(shared)) {
    await mkdir(folder, { recursive: true });
    for (const archive of ['servegen-multimodal', 'weather-epw']) {
      spawnSync('tar', ['xf', join(shared, `${archive}.tar.xz`), '-C', folder]);
    }
    await rm(join(folder, 'azure'), { force: true });
    await symlink(join(shared, 'azure'), join(folder, 'azure'));
  }
  return checked(folder);
};

const checked = (folder: string): DataFolder => {
  const lacking = needed.filter((path) => !existsSync(join(folder, path)));
  if (lacking.length === 0) return { kind: 'found', folder };
  return {
    kind: 'missing',
    reason: `no ${lacking.join(', no ')} in ${folder}: experiments/tapas.yaml says where to get them; ISOTHERM_DATA_DIR says where they are`,
  };
};
