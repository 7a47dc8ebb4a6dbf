import { expect, it } from '@jest/globals';
import { requestRows } from './request-rows.ts';

it('puts both answers of a request into its row, in whatever order they came', () => {
  const request = { images: 1, imageTokens: 36, textTokens: 50, answerTokens: 3 };
  const answer = { images: 1, tokens: 3 };
  const live = [
    { ...answer, index: 1, ttftMs: 5, wholeMs: 7 },
    { ...answer, index: 0, ttftMs: 6.00049, wholeMs: 8 },
  ];
  const simulated = [{ ...answer, index: 1, ttftMs: 5.5, wholeMs: 7.5 }];
  expect(requestRows([request, { ...request, images: 0 }], [0, 12.3456], live, simulated)).toEqual([
    '0, 1, 50, 3, 6, 8, NaN, NaN',
    '12.346, 0, 50, 3, 5, 7, 5.5, 7.5',
  ]);
});
