import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sequencesMax, tokenLimits } from './decode-places.ts';
import { defaultSloClasses } from './slo-class.ts';
import { observeJob, unknownSpeed } from './stage-speed.ts';

/** A step takes 6 ms, and 2 for each sequence in it. */
const steps = [1, 2, 4, 8, 16, 1, 2, 4, 8, 16]
  .map((tokens) => ({ tokens, ms: 6 + 2 * tokens }))
  .reduce(observeJob, unknownSpeed);

describe('how many sequences a decode instance may run', () => {
  it('is as many as a step of the promised time has room for', () => {
    expect(sequencesMax(steps, 26)).toBe(10);
    expect(sequencesMax(steps, 8)).toBe(1);
  });

  it('is no bound where nothing is known, nothing grows, or nothing would help', () => {
    expect(sequencesMax(unknownSpeed, 26)).toBe(Infinity);
    expect(sequencesMax(steps, 7)).toBe(Infinity);
    const constant = Array.from({ length: 20 }, () => ({ tokens: 4, ms: 6 }));
    expect(sequencesMax(constant.reduce(observeJob, unknownSpeed), 26)).toBe(Infinity);
  });

  it('never lets a step be predicted longer than promised (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: 8.01, max: 500, noNaN: true }), (tokenMs) => {
        const count = sequencesMax(steps, tokenMs);
        expect(6 + 2 * count).toBeLessThanOrEqual(tokenMs + 1e-4);
        expect(6 + 2 * (count + 1)).toBeGreaterThan(tokenMs - 1e-4);
      }),
    );
  });

  const classes = {
    interactive: { ...defaultSloClasses.interactive, tokenMs: 26 },
    standard: { ...defaultSloClasses.standard, tokenMs: 46 },
    batch: { ...defaultSloClasses.batch, tokenMs: 1006 },
  };
  const decode = { instances: 2, steps, perSequence: 1.25 };

  it('counts for a class what is as urgent, and for more urgent ones that are there everything', () => {
    const taken = { interactive: 3, standard: 0, batch: 7 };
    expect(tokenLimits('interactive', classes, taken, decode)).toEqual([{ taken: 3, count: 25 }]);
    expect(tokenLimits('batch', classes, taken, decode)).toEqual([
      { taken: 10, count: 1250 },
      { taken: 10, count: 25 },
    ]);
    const alone = { interactive: 0, standard: 0, batch: 7 };
    expect(tokenLimits('batch', classes, alone, decode)).toEqual([{ taken: 7, count: 1250 }]);
    expect(tokenLimits('batch', classes, taken, { ...decode, steps: unknownSpeed })).toEqual([]);
  });
});
