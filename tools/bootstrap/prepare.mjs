// Makes a fresh clone runnable with nothing but Node 20: installs pnpm's pinned version (through npx, nothing
// global), the dependencies and the build, each only where missing or stale.
import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture, secondsSince, StepFailure } from './command.mjs';
import { withLock } from './lock.mjs';
import { dependencyHash, installReason, removeOrphanedOutput, stampFile } from './staleness.mjs';
import { readJson, repositoryRoot } from './workspace.mjs';

const nodeVersionMin = [20, 20];

/** @param {string} version for example `20.20.2` */
export function checkNodeVersion(version) {
  const [major, minor] = version.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new StepFailure(
    `Node ${version} is too old: ${nodeVersionMin.join('.')} or later is needed.`,
  );
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The environment for npm and pnpm: without a usable HOME their caches go below `.isotherm/` of the repository.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(root, env) {
  // CI: never ask, and replace a node_modules of another pnpm without a terminal to confirm on.
  const base = { ...env, CI: 'true', npm_config_update_notifier: 'false' };
  // `npm --silent` would silence pnpm's errors too.
  delete base.npm_config_loglevel;
  if (env.HOME && isWritable(env.HOME)) return base;
  const home = join(root, '.isotherm/home');
  mkdirSync(home, { recursive: true });
  return { ...base, HOME: home, npm_config_cache: join(home, '.npm') };
}

/** The pinned package manager's version, from `packageManager` in package.json. */
export function pnpmVersion(root) {
  const pin = /^pnpm@(\d+\.\d+\.\d+)/.exec(
    readJson(join(root, 'package.json')).packageManager ?? '',
  );
  if (pin === null) throw new StepFailure('package.json has no `packageManager: pnpm@x.y.z`.');
  return pin[1];
}

/** pnpm of exactly the pinned version: the one on PATH if it is that, else npx fetches it into its cache. */
async function findPnpm(root, env, log) {
  const version = pnpmVersion(root);
  const onPath = await capture('pnpm', ['--version'], { cwd: root, env });
  if (onPath.code === 0 && onPath.output.trim() === version) return ['pnpm'];
  const command = ['npx', '-y', `pnpm@${version}`];
  const startMs = performance.now();
  const fetched = await capture(command[0], [...command.slice(1), '--version'], { cwd: root, env });
  if (fetched.code !== 0) {
    throw new StepFailure(`pnpm ${version} could not be fetched.`, {
      output: fetched.output,
      advice: `Needed once: an npm registry (see \`npm config get registry\`), or pnpm ${version} on PATH.`,
    });
  }
  log(`pnpm ${version}: ${secondsSince(startMs)}`);
  return command;
}

async function install(root, log) {
  const reason = installReason(root);
  if (reason === undefined) return;
  const env = installEnvironment(root, process.env);
  const [program, ...args] = await findPnpm(root, env, log);
  const startMs = performance.now();
  // Taken before: an edit during the install must make the stamp stale, not fit.
  const hash = dependencyHash(root);
  rmSync(join(root, stampFile), { force: true });
  const result = await capture(program, [...args, 'install', '--frozen-lockfile'], {
    cwd: root,
    env,
  });
  if (result.code !== 0) {
    throw new StepFailure(`The dependencies could not be installed (exit code ${result.code}).`, {
      output: result.output,
      advice: installAdvice(result.output, [program, ...args].join(' ')),
    });
  }
  writeFileSync(join(root, stampFile), `${hash}\n`);
  log(`dependencies (${reason}): ${secondsSince(startMs)}`);
}

function installAdvice(output, pnpm) {
  return /OUTDATED_LOCKFILE/.test(output)
    ? `A package.json and pnpm-lock.yaml differ: run \`${pnpm} install --no-frozen-lockfile\` and commit.`
    : 'Check the network, the registry and the free disk space (1 GiB), then run the command again.';
}

async function build(root, log) {
  const startMs = performance.now();
  const removed = removeOrphanedOutput(root);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) throw new StepFailure(`${compiler} is missing.`);
  const result = await capture(process.execPath, [compiler, '--build'], { cwd: root });
  if (result.code !== 0) {
    throw new StepFailure(`The build failed (exit code ${result.code}).`, {
      output: result.output,
      advice: 'Mend the type errors above; `npm run build` shows them again.',
    });
  }
  const note = removed === 0 ? '' : ` (${removed} orphaned files removed)`;
  log(`build${note}: ${secondsSince(startMs)}`);
}

/**
 * Brings the working tree to where it can run. Throws a StepFailure that carries the failed tool's output.
 * @param {{log?: (line: string) => void, root?: string, withBuild?: boolean}} [options]
 */
export async function prepare({ log = console.log, root = repositoryRoot, withBuild = true } = {}) {
  checkNodeVersion(process.versions.node);
  await withLock({ file: join(root, '.isotherm/prepare.lock'), log }, async () => {
    await install(root, log);
    if (withBuild) await build(root, log);
  });
}

/**
 * `prepare`, or the failure's report on stderr and false.
 * @param {Parameters<typeof prepare>[0]} [options]
 * @returns {Promise<boolean>}
 */
export async function prepareOrReport(options) {
  try {
    await prepare(options);
    return true;
  } catch (error) {
    console.error(error instanceof StepFailure ? error.report() : error);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = (await prepareOrReport()) ? 0 : 1;
}
