import { expect, it } from '@jest/globals';
import { measureDecisions } from './decision.ts';

it('measures decisions among few and many instances', () => {
  const { 64: few, 1000: many } = measureDecisions(30);
  // How much more many take than few is for the bench to say: a busy machine may turn it round.
  for (const ms of [few, many]) expect(ms > 0 && ms < Infinity).toBe(true);
});
