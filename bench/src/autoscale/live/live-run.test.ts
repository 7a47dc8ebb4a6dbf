import { expect, it } from '@jest/globals';
import type { ClassedOutcome } from '../../overload/ask-with-class.ts';
import { figuresOf } from './live-run.ts';

const outcomes: readonly ClassedOutcome[] = [
  { kind: 'answered', firstMs: 10, wholeMs: 30, tokens: 3 },
  { kind: 'answered', firstMs: 200, wholeMs: 220, tokens: 3 },
  { kind: 'refused', status: 503, code: 'saturated', ms: 1 },
  { kind: 'failed', reason: 'gone' },
  { kind: 'cut', code: 'unavailable', reason: 'no decode instance' },
  { kind: 'expired', reason: 'too late' },
];

it('counts every request as answered, refused or lost, and says why of those that are lost', () => {
  const driven = outcomes.map((outcome, index) => ({ atMs: index * 100, outcome }));
  const figures = figuresOf(driven, { ttftMs: 100, tokenMs: 50 });
  expect(figures).toMatchObject({ requests: 6, answered: 2, refused: 1, lost: 3 });
  expect(figures.attainment).toBeCloseTo(1 / 6);
  expect(figures.failures).toEqual(['gone', 'no decode instance', 'too late']);
});
