import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** Largest file that is read, in bytes: a hall of ten thousand servers takes about one MiB. */
const defaultBytesMax = 16 << 20;
/** YAML aliases: a few bytes of them can stand for gigabytes. */
const aliasCountMax = 100;

/** Text of a file that a person wrote, bounded. Throws an Error that begins with the path. */
export const readTextFile = (path: string, bytesMax = defaultBytesMax): Promise<string> =>
  naming(path, async () => {
    const bytes = await readFile(path);
    if (bytes.length > bytesMax) throw new Error(`is larger than ${bytesMax} bytes`);
    return bytes.toString('utf8');
  });

/**
 * What a text of YAML, or of JSON, describes: nothing of it is checked, and by its anchors it may contain itself. `path` is for
 * messages. Throws an Error that begins with it.
 */
export const parseYaml = (text: string, path: string): unknown => {
  try {
    return parse(text, { maxAliasCount: aliasCountMax, uniqueKeys: true });
  } catch (cause) {
    throw named(path, cause);
  }
};

const naming = async (path: string, read: () => Promise<string>): Promise<string> => {
  try {
    return await read();
  } catch (cause) {
    throw named(path, cause);
  }
};

const named = (path: string, cause: unknown): Error =>
  new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
