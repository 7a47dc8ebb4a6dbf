// Counts of a test run: what the last line of `npm test` sums up.

/**
 * @typedef {{passed: number, failed: number, skipped: number, notes: readonly string[]}} Tally
 *   `notes` says for each skipped test, and for what failed outside a test, what and why.
 */

/** @type {Tally} */
export const nothing = { passed: 0, failed: 0, skipped: 0, notes: [] };

/** @returns {Tally} */
export const onePassed = () => ({ ...nothing, passed: 1 });

/** @param {string} note @returns {Tally} */
export const oneFailed = (note) => ({ ...nothing, failed: 1, notes: [`failed: ${note}`] });

/** @param {string} note @returns {Tally} */
export const oneSkipped = (note) => ({ ...nothing, skipped: 1, notes: [`skipped: ${note}`] });

/** @param {readonly Tally[]} tallies @returns {Tally} */
export const sum = (tallies) =>
  tallies.reduce(
    (total, tally) => ({
      passed: total.passed + tally.passed,
      failed: total.failed + tally.failed,
      skipped: total.skipped + tally.skipped,
      notes: [...total.notes, ...tally.notes],
    }),
    nothing,
  );

/** @param {Tally} tally */
export const summaryLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * The tally of a jest `--json` report. A suite that could not be loaded, or failed outside its tests, is one
 * failed test; so is a run that ended badly without a failed test to show for it.
 * @param {{testResults: readonly {name: string, status: string, message: string,
 *   assertionResults: readonly {status: string, fullName: string}[]}[]}} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyJest(report, exitCode) {
  const total = sum(report.testResults.map(tallySuite));
  if (exitCode === 0 || total.failed > 0) return total;
  return sum([total, oneFailed(`jest ended with code ${exitCode} and no failed test`)]);
}

function tallySuite({ name, status, assertionResults }) {
  const of = (...statuses) => assertionResults.filter((test) => statuses.includes(test.status));
  const failed = of('failed').length;
  const skipped = of('pending', 'todo', 'disabled', 'skipped');
  const isBroken = status === 'failed' && failed === 0;
  return {
    passed: of('passed').length,
    failed: failed + (isBroken ? 1 : 0),
    skipped: skipped.length,
    notes: [
      ...(isBroken ? [`failed: suite could not run: ${name}`] : []),
      ...skipped.map((test) => `skipped: ${test.fullName}`),
    ],
  };
}

/**
 * The tally of `python3 -m unittest -v`, from its output.
 * @param {string} output
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyUnittest(output, exitCode) {
  const ran = /^Ran (\d+) tests? in/m.exec(output);
  if (ran === null) return oneFailed('the Python tests could not run');
  const lastLine = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(output)?.[1] ?? '';
  const count = (word) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(lastLine)?.[1] ?? 0);
  const failed = count('failures') + count('errors') + count('unexpected successes');
  const skipped = count('skipped');
  const reasons = [...output.matchAll(/^(\S+).*\.\.\. skipped ['"](.*)['"]$/gm)];
  const total = {
    passed: Math.max(0, Number(ran[1]) - failed - skipped),
    failed,
    skipped,
    notes: reasons.map(([, test, reason]) => `skipped: ${test}: ${reason}`),
  };
  if (exitCode === 0 || failed > 0) return total;
  return sum([total, oneFailed(`the Python tests ended with code ${exitCode}`)]);
}
