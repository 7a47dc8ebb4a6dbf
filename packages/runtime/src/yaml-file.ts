import { readFile } from 'node:fs/promises';
import { Document, isMap, isScalar, isSeq, parse, visit, type YAMLMap } from 'yaml';

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

/** Lines of a written file are folded at this width; lists of plain values stay on one. */
const widthMax = 150;

/** Texts of a row are ids; longer ones would not fit beside its numbers. */
const idLengthMax = 24;

/** The text of a YAML file; `head` becomes its first lines, as comments. Rows of a table lie on a line each. */
export const formatYaml = (value: unknown, head: readonly string[] = []): string => {
  const comments = head.map((line) => `# ${line}\n`).join('');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Map: (_, map, path) => {
      if (isSeq(path.at(-1)) && isRow(map)) map.flow = true;
    },
  });
  return `${comments}${document.toString({ lineWidth: widthMax })}`;
};

/** Numbers, and ids beside them. */
const isRow = (map: YAMLMap): boolean => {
  const values = map.items.map(({ value }) => (isScalar(value) ? value.value : undefined));
  const isShort = (each: unknown): boolean =>
    typeof each === 'number' || (typeof each === 'string' && each.length <= idLengthMax);
  return isMap(map) && values.some((each) => typeof each === 'number') && values.every(isShort);
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
