import { parseYaml, readTextFile } from '@isotherm/runtime/yaml-file';
import type { LevelRef } from '../../topology/level.ts';
import { checkSources, type SourcePlan } from './source-plan.ts';
import { unknownPlaces } from './unknown-places.ts';

/** Thrown for a file of sources that cannot be used; `message` lists every problem on a line of its own. */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';
}

/** Largest file that is read, in bytes. */
const bytesMax = 4 << 20;

interface Rooms {
  has(of: LevelRef): boolean;
}

/** Reads and checks a file of sources, YAML or JSON; an empty path has none. */
export const readSourceFile = async (path: string, room: Rooms): Promise<readonly SourcePlan[]> => {
  if (path === '') return [];
  const checked = checkSources(await readYaml(path));
  const problems =
    checked.kind === 'ok'
      ? unknownPlaces(checked.sources, room)
      : [...checked.problems, ...unknownPlaces(checked.sound, room)];
  if (checked.kind === 'ok' && problems.length === 0) return checked.sources;
  throw new SourceFileError([`${path}:`, ...problems.map((each) => `  ${each}`)].join('\n'));
};

const readYaml = async (path: string): Promise<unknown> => {
  try {
    return parseYaml(await readTextFile(path, bytesMax), path);
  } catch (cause) {
    throw new SourceFileError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};
