import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const findRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The repository root was not found.');
    folder = parent;
  }
  return folder;
};

/** Found from this file, so that it does not matter where the tests are started. */
export const repositoryRoot = findRoot();

export const fixtureFolder = join(repositoryRoot, 'test', 'fixtures', 'panel');
