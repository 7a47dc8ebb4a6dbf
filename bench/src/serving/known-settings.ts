import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../report/repository.ts';

/** The documents that list every setting; a test of services/embedded holds them to the code. */
const documents = ['packages/stage/README.md', 'services/router/README.md'];

/** Names of the settings that the services of this tree know, so that a switch that is not there yet is not taken for one. */
export const knownSettings = async (): Promise<ReadonlySet<string>> => {
  const texts = await Promise.all(
    documents.map((document) => readFile(join(repositoryRoot, document), 'utf8')),
  );
  return new Set(texts.flatMap((text) => text.match(/\bISOTHERM_[A-Z_]+\b/g) ?? []));
};
