import { describe, expect, it } from '@jest/globals';
import { createPatientLines, type Patience } from './patient-lines.ts';

const sizes = [9, 1, 2, 3, 1, 1];
const linesOf = (patience: Patience) =>
  createPatientLines(2, patience, (job) => sizes[job] as number);
const drain = (lines: ReturnType<typeof linesOf>): readonly number[] =>
  Array.from({ length: lines.size(0) }, () => lines.shift(0));

describe('patient lines', () => {
  it('let the shortest go first, and the first of equals', () => {
    const lines = linesOf({ passedOverMax: 9, by: 'anybody' });
    for (const job of [0, 3, 1, 4, 2]) lines.push(0, job);
    expect([lines.peek(0), lines.size(0), lines.peek(1), lines.shift(1)]).toEqual([1, 5, -1, -1]);
    expect(drain(lines)).toEqual([1, 4, 2, 3, 0]);
  });

  it('let none be passed over more often than it may be', () => {
    const lines = linesOf({ passedOverMax: 2, by: 'anybody' });
    for (const job of [0, 3, 1, 4, 5]) lines.push(0, job);
    // After two others have gone, those who were there go in the order in which they came.
    expect(drain(lines)).toEqual([1, 4, 0, 3, 5]);
  });

  it('count only those who came later, where that is the rule', () => {
    const lines = linesOf({ passedOverMax: 2, by: 'later' });
    for (const job of [1, 4, 0, 3, 5, 2]) lines.push(0, job);
    // The first two came before the long one; the fifth and the sixth pass it over.
    expect(drain(lines)).toEqual([1, 4, 5, 2, 0, 3]);
  });

  it('take a job for as large as all of it that waits', () => {
    const lines = linesOf({ passedOverMax: 9, by: 'later' });
    for (const job of [1, 1, 1, 2, 4]) lines.push(0, job);
    expect(drain(lines)).toEqual([4, 2, 1, 1, 1]);
  });
});
