// `npm test`: from a fresh clone to the summary line. Usage:
//   npm test                      everything
//   npm test -- packages/lanes    only jest, with these arguments
//   npm test -- --no-check        everything but the static checks
import { runChecks } from '../check.mjs';
import { runJestTests } from './jest-tests.mjs';
import { watchProcesses } from './leftovers.mjs';
import { prepareOrReport } from './prepare.mjs';
import { runPythonTests } from './python-tests.mjs';
import { nothing, oneFailed, sum, summaryLine } from './tally.mjs';
import { repositoryRoot as root } from './workspace.mjs';

const log = (line) => console.log(line);
const leftoverGraceMs = 3000;

/**
 * A Redis for the tests: the one named in ISOTHERM_TEST_REDIS_URL, else one of our own; without any, the
 * tests that need it skip and say so.
 */
async function startTestRedis() {
  const nothingToStop = async () => {};
  if (process.env.ISOTHERM_TEST_REDIS_URL) {
    log('redis: ISOTHERM_TEST_REDIS_URL as given');
    return nothingToStop;
  }
  try {
    const { startRedis } = await import('./redis-provider.mjs');
    const redis = await startRedis();
    process.env.ISOTHERM_TEST_REDIS_URL = redis.url;
    log(`redis: ${redis.how}`);
    return () => redis.stop();
  } catch (error) {
    log(`redis: NONE, the tests that need it are skipped. Reason: ${error.message}`);
    return nothingToStop;
  }
}

async function runWithRedis(jestArgs, isWhole) {
  const stopRedis = await startTestRedis();
  try {
    const jest = await runJestTests({ root, args: jestArgs });
    return sum([jest, isWhole ? await runPythonTests({ root, log }) : nothing]);
  } finally {
    await stopRedis();
  }
}

/** What was left running: named, ended by its pid, and one failure. */
async function tallyLeftovers(watch) {
  const left = await watch.leftovers(leftoverGraceMs);
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  const names = left.map(({ pid, command }) => `\n    ${pid} ${command}`).join('');
  return left.length === 0 ? nothing : oneFailed(`left running after the tests:${names}`);
}

async function runAll(args) {
  const jestArgs = args.filter((arg) => arg !== '--no-check');
  const isWhole = jestArgs.length === 0;
  if (!(await prepareOrReport({ log }))) return oneFailed('the working tree could not be prepared');
  const watch = watchProcesses();
  if (!isWhole) log('only jest: arguments were given, so the checks and Python tests are left out');
  const checks = isWhole && !args.includes('--no-check') ? await runChecks({ root, log }) : nothing;
  const tests = await runWithRedis(jestArgs, isWhole);
  return sum([checks, tests, await tallyLeftovers(watch)]);
}

const startMs = performance.now();
const tally = await runAll(process.argv.slice(2));
for (const note of tally.notes) log(note);
log(`${((performance.now() - startMs) / 1000).toFixed(0)} s`);
log(summaryLine(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
