import { describe, expect, it } from '@jest/globals';
import {
  nothing,
  oneFailed,
  oneSkipped,
  sum,
  summaryLine,
  tallyJest,
  tallyUnittest,
} from './tally.mjs';

const suite = (status, ...statuses) => ({
  name: 'a.test.js',
  status,
  message: '',
  assertionResults: statuses.map((result, i) => ({ status: result, fullName: `test ${i}` })),
});

describe('tallyJest', () => {
  it('counts pending and todo tests as skipped, and names them', () => {
    const report = { testResults: [suite('passed', 'passed', 'pending', 'todo')] };
    expect(tallyJest(report, 0)).toEqual({
      passed: 1,
      failed: 0,
      skipped: 2,
      notes: ['skipped: test 1', 'skipped: test 2'],
    });
  });

  it('counts a suite that could not be loaded as one failed test', () => {
    const report = { testResults: [suite('failed'), suite('passed', 'passed')] };
    expect(tallyJest(report, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('does not count a suite again whose tests failed', () => {
    const report = { testResults: [suite('failed', 'failed', 'failed')] };
    expect(tallyJest(report, 1)).toMatchObject({ passed: 0, failed: 2, notes: [] });
  });

  it('fails a run that ended badly though every test passed', () => {
    expect(tallyJest({ testResults: [suite('passed', 'passed')] }, 1)).toMatchObject({ failed: 1 });
  });
});

describe('tallyUnittest', () => {
  it('reads a run with skipped tests', () => {
    const output =
      "test_a (t.T.test_a) ... skipped 'no torch'\n\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n";
    expect(tallyUnittest(output, 0)).toEqual({
      passed: 2,
      failed: 0,
      skipped: 1,
      notes: ['skipped: test_a: no torch'],
    });
  });

  it('reads a run with failures and errors', () => {
    const output = 'Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n';
    expect(tallyUnittest(output, 1)).toMatchObject({ passed: 2, failed: 3, skipped: 0 });
  });

  it('fails when nothing ran, and when Python crashed after its tests', () => {
    expect(tallyUnittest('ModuleNotFoundError', 1)).toMatchObject({ failed: 1 });
    expect(tallyUnittest('Ran 1 test in 0s\n\nOK\n', 139)).toMatchObject({ passed: 1, failed: 1 });
  });
});

describe('sum and summaryLine', () => {
  it('adds up and prints the one line that continuous integration reads', () => {
    const total = sum([nothing, { ...nothing, passed: 3 }, oneFailed('x'), oneSkipped('y — z')]);
    expect(summaryLine(total)).toBe('3 passed, 1 failed, 1 skipped');
    expect(total.notes).toEqual(['failed: x', 'skipped: y — z']);
  });
});
