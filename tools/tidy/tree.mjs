// The files that the tidy rules look at.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from '../bootstrap/workspace.mjs';

/**
 * @typedef {object} Tree
 * @property {string} root
 * @property {readonly string[]} files paths relative to the root
 * @property {(file: string) => string} read the text of a file; empty for a binary one
 * @property {(file: string) => number} bytes the size of a file
 * @property {(file: string) => boolean} has whether the tree has this file
 */

/** Tracked files and new ones that are not ignored; all files where there is no git. */
function listFiles(root) {
  if (!existsSync(join(root, '.git'))) return filesUnder(root);
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const output = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  return [...new Set(output.split('\0'))].filter((file) => file && existsSync(join(root, file)));
}

/**
 * @param {string} root
 * @returns {Tree}
 */
export function readTree(root) {
  const files = listFiles(root);
  const known = new Set(files);
  const texts = new Map();
  const read = (file) => {
    if (!texts.has(file)) {
      const bytes = readFileSync(join(root, file));
      texts.set(file, bytes.subarray(0, 8192).includes(0) ? '' : bytes.toString('utf8'));
    }
    return texts.get(file);
  };
  const bytes = (file) => statSync(join(root, file)).size;
  return { root, files, read, bytes, has: (file) => known.has(file) };
}

/**
 * Applies a test to each line of the files whose name fits.
 * @param {Tree} tree
 * @param {RegExp} name
 * @param {(line: string, file: string) => string | undefined} problemOf
 */
export const eachLine = (tree, name, problemOf) =>
  tree.files
    .filter((file) => name.test(file))
    .flatMap((file) =>
      tree
        .read(file)
        .split('\n')
        .flatMap((line, index) => {
          const problem = problemOf(line, file);
          return problem === undefined ? [] : [`${file}:${index + 1}: ${problem}`];
        }),
    );
