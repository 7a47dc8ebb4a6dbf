import { expect, it } from '@jest/globals';
import { arrivalsUntil } from './arrivals-until.ts';

it('ends before the first that comes too late', () => {
  let atMs = 0;
  const source = arrivalsUntil(
    {
      next: () => {
        atMs += 10;
        return { atMs, textTokens: 1, media: 0, mediumTokens: 0, answerTokens: 1 };
      },
    },
    30,
  );
  expect([source.next()?.atMs, source.next()?.atMs, source.next()]).toEqual([10, 20, undefined]);
});
