// Small working trees in a temporary folder, for the tests of the tools.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Writes the files, calls `use` with their folder, and removes it. A value that is no text is written as JSON; undefined leaves a file out.
 * @template T
 * @param {Readonly<Record<string, unknown>>} files
 * @param {(root: string) => T} use
 * @returns {T}
 */
export function withTree(files, use) {
  const root = mkdtempSync(join(tmpdir(), 'isotherm-tree-'));
  try {
    for (const [file, content] of Object.entries(files)) {
      if (content === undefined) continue;
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(
        join(root, file),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
