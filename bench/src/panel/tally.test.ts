import { expect, test } from '@jest/globals';
import type { Given } from './ask-all.ts';
import type { HeldOut } from './question-set.ts';
import { share, tally, tallyFamilies } from './tally.ts';

const question = (family: string, answer: string): HeldOut => ({
  family,
  question: 'How many?',
  answer,
  subject: 'text',
  media: [],
});
const questions = [question('count', '1'), question('bar', 'red'), question('count', '2')];
const given: readonly Given[] = [
  { kind: 'text', text: '1' },
  { kind: 'failed', reason: 'gone' },
  { kind: 'text', text: '2 ' },
];

test('only the whole text is right, and a failure is wrong', () => {
  expect(tally(questions, given)).toEqual({ right: 1, asked: 3 });
});

test('families are counted apart, by name', () => {
  const families = tallyFamilies(questions, given);
  expect(families).toEqual({ bar: { right: 0, asked: 1 }, count: { right: 1, asked: 2 } });
  expect(Object.keys(families)).toEqual(['bar', 'count']);
});

test('a share is never rounded up', () => {
  expect(share({ right: 19_999, asked: 20_000 })).toBe(0.9999);
  expect(share({ right: 0, asked: 0 })).toBe(0);
});
