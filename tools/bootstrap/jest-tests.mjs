// Runs jest on the build and reads its report.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oneFailed, sum, tallyJest } from './tally.mjs';

/** After its report is written, jest has this long to end: a test that left something open holds it. */
const endMsMax = 10_000;
/** Long forms of tests take longer than the whole suite: ISOTHERM_TEST_MINUTES_MAX. */
const runMsMax = 60_000 * Number(process.env.ISOTHERM_TEST_MINUTES_MAX ?? 40);

/** Jest's exit code, or `hung` where it had to be killed. */
function runJest(root, args, reportFile) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const startMs = performance.now();
    let reportedMs;
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (reportedMs === undefined && existsSync(reportFile)) reportedMs = nowMs;
      const isHung = reportedMs !== undefined && nowMs - reportedMs > endMsMax;
      if (isHung || nowMs - startMs > runMsMax) child.kill('SIGKILL');
    }, 250);
    const finish = (end) => {
      clearInterval(watch);
      resolve(end);
    };
    child.once('error', () => finish(127));
    child.once('close', (code, signal) => finish(signal === 'SIGKILL' ? 'hung' : (code ?? 128)));
  });
}

/**
 * @param {{root: string, args: readonly string[]}} options `args` go to jest as they are.
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function runJestTests({ root, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-test-'));
  const reportFile = join(folder, 'jest.json');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const nodeArgs = ['--experimental-vm-modules', '--no-warnings', jest];
  try {
    const end = await runJest(
      root,
      [...nodeArgs, '--json', `--outputFile=${reportFile}`, ...args],
      reportFile,
    );
    if (!existsSync(reportFile)) return oneFailed(`jest wrote no report (it ended with ${end})`);
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    if (report.testResults.length === 0) return oneFailed('jest found no test');
    if (end !== 'hung') return tallyJest(report, end);
    return sum([tallyJest(report, 0), oneFailed('jest did not end: a test left something open')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
