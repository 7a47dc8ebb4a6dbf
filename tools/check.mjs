// `npm run check`: everything that can be said about the sources without running them, in under two minutes.
import { fileURLToPath } from 'node:url';
import { capture, secondsSince } from './bootstrap/command.mjs';
import { prepareOrReport } from './bootstrap/prepare.mjs';
import { oneFailed, onePassed, sum, summaryLine } from './bootstrap/tally.mjs';
import { repositoryRoot } from './bootstrap/workspace.mjs';

const modules = 'node_modules';

/**
 * @typedef {{name: string, program: string, args: readonly string[], cwd?: string, mend?: string}} Check
 */

/** First alone: the type-aware linter reads the other packages' built declarations. @type {Check} */
const types = {
  name: 'types',
  program: process.execPath,
  args: [`${modules}/typescript/bin/tsc`, '--build'],
};

/** @type {readonly Check[]} */
const others = [
  {
    name: 'lint',
    program: `${modules}/.bin/oxlint`,
    args: ['--type-aware', '--deny-warnings'],
  },
  {
    name: 'format',
    program: process.execPath,
    args: [`${modules}/prettier/bin/prettier.cjs`, '--check', '--cache', '--log-level=warn', '.'],
    mend: 'npm run format',
  },
  { name: 'proto lint', program: '../node_modules/.bin/buf', args: ['lint'], cwd: 'proto' },
  {
    name: 'proto types',
    program: process.execPath,
    args: ['tools/generate-proto-types.mjs', '--check'],
    mend: 'npm run proto',
  },
  { name: 'dependency rule', program: process.execPath, args: ['tools/dependency-rule.mjs'] },
  { name: 'tidy', program: process.execPath, args: ['tools/tidy.mjs'] },
];

async function runCheck(root, { name, program, args, cwd = '.', mend }, log) {
  const startMs = performance.now();
  const { code, output } = await capture(program, args, { cwd: `${root}/${cwd}` });
  const line = `check ${name}: ${code === 0 ? 'ok' : 'FAILED'}, ${secondsSince(startMs)}`;
  if (code === 0) {
    log(line);
    return onePassed();
  }
  log(
    [output.trimEnd(), line, mend === undefined ? '' : `To mend: ${mend}`]
      .filter(Boolean)
      .join('\n'),
  );
  return oneFailed(`check ${name}`);
}

/**
 * Runs all checks; each is one test in the tally.
 * @param {{root?: string, log?: (line: string) => void}} [options]
 * @returns {Promise<import('./bootstrap/tally.mjs').Tally>}
 */
export async function runChecks({ root = repositoryRoot, log = console.log } = {}) {
  const first = await runCheck(root, types, log);
  const rest = await Promise.all(others.map((check) => runCheck(root, check, log)));
  return sum([first, ...rest]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const startMs = performance.now();
  const isReady = await prepareOrReport({ withBuild: false });
  const tally = isReady ? await runChecks() : oneFailed('prepare');
  console.log(`${secondsSince(startMs)}: ${summaryLine(tally)}`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
}
