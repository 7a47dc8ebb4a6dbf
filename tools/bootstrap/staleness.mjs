// Tells what is stale: dependencies against the lock file, build output against its sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, readJson, workspaceFolders } from './workspace.mjs';

export const stampFile = 'node_modules/.isotherm-stamp';

/**
 * One hash over everything that decides what is installed.
 * @param {string} root
 */
export function dependencyHash(root) {
  const hash = createHash('sha256');
  const manifests = ['.', ...workspaceFolders(root)].map((folder) => join(folder, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(`${file}\0`);
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

const hasDependencies = (manifest) =>
  Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;

/**
 * Why an install is needed, or undefined where what is installed fits.
 * @param {string} root
 * @returns {string | undefined}
 */
export function installReason(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'no node_modules';
  const bare = workspaceFolders(root).find(
    (folder) =>
      hasDependencies(readJson(join(root, folder, 'package.json'))) &&
      !existsSync(join(root, folder, 'node_modules')),
  );
  if (bare !== undefined) return `${bare} has no node_modules`;
  if (!existsSync(join(root, stampFile))) return 'no stamp';
  const stamp = readFileSync(join(root, stampFile), 'utf8').trim();
  return stamp === dependencyHash(root) ? undefined : 'lock file or a package.json changed';
}

const outputSuffix = /\.(?:d\.ts|js)(?:\.map)?$/;
const isSource = (file) => /\.ts$/.test(file) && !/\.d\.ts$/.test(file);

function distFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && outputSuffix.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * Removes build output whose source is gone (a deleted test would go on running), and the build's memory
 * where output is missing (`tsc --build` trusts its memory and would not write it again).
 * @param {string} root
 * @returns {number} how many files were removed
 */
export function removeOrphanedOutput(root) {
  let removed = 0;
  for (const folder of workspaceFolders(root)) {
    const config = join(root, folder, 'tsconfig.json');
    if (!existsSync(config)) continue;
    // Sources lie in src/, or beside the tsconfig where the folder is sources only (bench, test).
    const { compilerOptions = {} } = readJson(config);
    const sources = join(root, folder, compilerOptions.rootDir ?? '.');
    const dist = join(root, folder, compilerOptions.outDir ?? 'dist');
    const stems = new Set(
      filesUnder(sources)
        .filter(isSource)
        .map((file) => file.slice(0, -3)),
    );
    const outputs = distFiles(dist);
    for (const file of outputs.filter((output) => !stems.has(output.replace(outputSuffix, '')))) {
      rmSync(join(dist, file));
      removed += 1;
    }
    const built = new Set(outputs);
    if ([...stems].some((stem) => !built.has(`${stem}.js`))) forgetBuild(join(root, folder), dist);
  }
  return removed;
}

function forgetBuild(folder, dist) {
  rmSync(join(folder, 'tsconfig.tsbuildinfo'), { force: true });
  rmSync(join(dist, 'tsconfig.tsbuildinfo'), { force: true });
}
