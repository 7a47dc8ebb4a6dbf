import { expect, it } from '@jest/globals';
import { answeredWithin, errorsOf, figuresOf, worst } from './compare.ts';

const answer = (ttftMs: number, wholeMs: number, tokens: number) => {
  return { index: 0, images: 0, ttftMs, wholeMs, tokens };
};

it('compares by percentiles, gaps of answers of two tokens and more, and tokens a second', () => {
  const live = figuresOf({
    answers: [answer(10, 50, 5), answer(30, 30, 1), answer(20, 40, 2)],
    lastedMs: 2000,
  });
  expect(live).toMatchObject({ ttftP50Ms: 20, tbtP50Ms: 15, tokensPerS: 4 });
  const simulated = { ...live, ttftP50Ms: 18, tokensPerS: 5 };
  const errors = errorsOf(live, simulated);
  expect(errors).toMatchObject({ ttftP50Ms: -0.1, tbtP50Ms: 0, tokensPerS: 0.25 });
  expect(worst([errors, { ...errors, ttftP50Ms: 0.05 }], 'ttftP50Ms')).toBe(0.1);
});

it('counts of a loop what was whole in time', () => {
  const ends = [1000, 2000, 2001].map((endedMs) => ({ ...answer(1, 2, 3), endedMs }));
  expect(answeredWithin(ends, 2).map(({ endedMs }) => endedMs)).toEqual([1000, 2000]);
});
