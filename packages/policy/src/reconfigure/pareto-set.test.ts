import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { configurationKey } from './configuration.ts';
import type { Profile } from './contract.ts';
import { exampleKeys, exampleProfile, exampleProfiles } from './example-plan.ts';
import { paretoSet } from './pareto-set.ts';

const keysOf = (profiles: readonly Profile[]) =>
  profiles.map(({ configuration }) => configurationKey(configuration));

describe('the Pareto set', () => {
  it('leaves out what is beaten in everything', () => {
    // int8 beats the clocks of fp32: more goodput for less power. The lowest clock draws less still.
    expect(new Set(keysOf(paretoSet(exampleProfiles)))).toEqual(
      new Set([exampleKeys[4], exampleKeys[3], exampleKeys[2]]),
    );
  });

  it('keeps one of equals, the first by key, and of one given twice', () => {
    const [a, b] = [exampleProfile({ batchMax: 1 }), exampleProfile({ batchMax: 2 })];
    expect(paretoSet([b, a, a, b])).toEqual([a]);
  });

  it('leaves out what is not measured', () => {
    expect(paretoSet([exampleProfile({}, { fullW: NaN })])).toEqual([]);
  });

  const few = fc.integer({ min: 0, max: 5 });
  const profile = fc
    .record({ goodput: few, idleW: few, fullW: few, coreK: few, memoryK: few, quality: few })
    .chain((different) => fc.nat(40).map((batchMax) => exampleProfile({ batchMax }, different)));
  const profiles = fc.uniqueArray(profile, {
    ...{ maxLength: 40, selector: ({ configuration }) => configuration.batchMax },
  });

  /** Slow and obvious: held against every other profile, merit by merit. */
  const beaten = (a: Profile, by: Profile): boolean =>
    by.goodput >= a.goodput &&
    by.quality >= a.quality &&
    by.fullW <= a.fullW &&
    by.idleW <= a.idleW &&
    by.coreK <= a.coreK &&
    by.memoryK <= a.memoryK &&
    (by.goodput > a.goodput ||
      by.quality > a.quality ||
      by.fullW < a.fullW ||
      by.idleW < a.idleW ||
      by.coreK < a.coreK ||
      by.memoryK < a.memoryK ||
      configurationKey(by.configuration) < configurationKey(a.configuration));

  it('is what holding each against each leaves, in any order (property)', () => {
    fc.assert(
      fc.property(profiles, (given) => {
        const reference = given.filter((one) => !given.some((other) => beaten(one, other)));
        expect(new Set(paretoSet(given))).toEqual(new Set(reference));
        expect(paretoSet(given.toReversed())).toEqual(paretoSet(given));
      }),
      { numRuns: 500 },
    );
  });
});
