import { expect, it } from '@jest/globals';
import { compareTexts } from './compare-texts.ts';

it.each([
  ['abcdef', 'abcdef', true, 0, 0],
  ['abccdef', 'abcdef', true, 1, 0],
  ['abef', 'abcdef', true, 0, 2],
  ['abxdef', 'abcdef', true, 1, 1],
  ['abc', 'abcdef', true, 0, 3],
  ['abc', 'abcdef', false, 0, 0],
  ['', 'abcdef', false, 0, 0],
  ['abbc', 'abcdef', false, 1, 1],
  ['abcdefg', 'abcdef', false, 1, 0],
])('%s for %s (whole: %s): %i extra, %i missing', (text, right, isWhole, extra, missing) => {
  expect(compareTexts(text, right, isWhole)).toEqual({ extra, missing });
});
