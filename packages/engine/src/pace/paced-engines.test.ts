import { expect, it } from '@jest/globals';
import type { DecodedToken, DecodeEngine } from '../contract.ts';
import { createPace } from './pace.ts';
import { pacedDecodeEngine } from './paced-engines.ts';

it('a slowed decode engine runs no step ahead, and tokens of several steps are one batch', async () => {
  const pace = createPace();
  const alone: (boolean | undefined)[] = [];
  const tokens = [1, 2, 3, 4].map((tokenIndex): DecodedToken => ({
    ...{ sequence: `of ${tokenIndex % 2}`, token: 1, tokenIndex, finish: undefined },
  }));
  const engine: DecodeEngine = {
    ...{ slots: 4, contextMax: 10, kv: { bytesMax: 1, bytesOf: () => 0 } },
    join: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    close: () => Promise.resolve(),
    step: async (given) => {
      alone.push(given);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return tokens;
    },
  };
  const paced = pacedDecodeEngine(engine, pace);
  await paced.step();
  expect(pace.jobMs / pace.busyMs).toBeCloseTo(2, 1);
  pace.change({ clockShare: 0.5 });
  await paced.step();
  expect(alone).toEqual([false, true]);
});
