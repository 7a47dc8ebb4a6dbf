// What the workspace consists of, read without any dependency.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository root. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The `packages:` globs of pnpm-workspace.yaml: plain list items, a folder or `folder/*`. */
function workspaceGlobs(root) {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const start = lines.findIndex((line) => /^packages:\s*$/.test(line));
  if (start < 0) return [];
  const globs = [];
  for (const line of lines.slice(start + 1)) {
    const item = /^\s+-\s+['"]?([^'"#\s]+)['"]?/.exec(line);
    if (item === null) break;
    globs.push(item[1]);
  }
  return globs;
}

const foldersIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
        .map((entry) => entry.name)
        .sort()
    : [];

/**
 * Folders of the workspace's packages, relative to the root, that have a package.json.
 * @param {string} root
 * @returns {string[]}
 */
export function workspaceFolders(root) {
  return workspaceGlobs(root)
    .flatMap((glob) =>
      glob.endsWith('/*')
        ? foldersIn(join(root, glob.slice(0, -2))).map((name) => `${glob.slice(0, -2)}/${name}`)
        : [glob],
    )
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
}

/** @param {string} file */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Files under a folder, relative to it, sorted; build output and dependencies left out.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const files = [];
  const visit = (relative) => {
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory() && !ignoredFolders.has(entry.name)) visit(path);
    }
  };
  visit('');
  return files.sort();
}
const ignoredFolders = new Set(['node_modules', 'dist', 'out', 'coverage', '.git', '.isotherm']);
