import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { LevelRef } from '../../topology/level.ts';
import { checkSources, type SourcePlan } from './source-plan.ts';
import { unknownPlaces } from './unknown-places.ts';

/** Thrown for a file of sources that cannot be used; `message` lists every problem on a line of its own. */
export class SourceFileError extends Error {
  override readonly name = 'SourceFileError';
}

/** Largest file that is read, in bytes. */
const bytesMax = 4 << 20;
/** YAML aliases: a few bytes of them can stand for gigabytes. */
const aliasCountMax = 100;

interface Rooms {
  has(of: LevelRef): boolean;
}

/** Reads and checks a file of sources, YAML or JSON; an empty path has none. */
export const readSourceFile = async (path: string, room: Rooms): Promise<readonly SourcePlan[]> => {
  if (path === '') return [];
  let value: unknown;
  try {
    const bytes = await readFile(path);
    if (bytes.length > bytesMax) throw new Error(`is larger than ${bytesMax} bytes`);
    value = parse(bytes.toString('utf8'), { maxAliasCount: aliasCountMax, uniqueKeys: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SourceFileError(`${path}: ${why}`, { cause });
  }
  const checked = checkSources(value);
  const problems =
    checked.kind === 'ok'
      ? unknownPlaces(checked.sources, room)
      : [...checked.problems, ...unknownPlaces(checked.sound, room)];
  if (checked.kind === 'ok' && problems.length === 0) return checked.sources;
  throw new SourceFileError([`${path}:`, ...problems.map((each) => `  ${each}`)].join('\n'));
};
