import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { defaultRoutePolicy } from '../default-policy.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { fleet, request } from '../testing/example-fleet.ts';
import { instanceChooser } from './instance-chooser.ts';
import { selectSampled } from './select-sampled.ts';

describe('an instance chooser', () => {
  it('chooses as selectSampled does, decision after decision, and changes nothing (property)', () => {
    const choose = instanceChooser(defaultRoutePolicy);
    const sampled = instanceChooser(defaultRoutePolicy, 3);
    fc.assert(
      fc.property(fleet, request, fc.nat(), (views, work, seed) => {
        const before = JSON.stringify(views);
        for (const [chooser, sampleMax] of [
          [choose, Infinity],
          [sampled, 3],
        ] as const) {
          const [mine, theirs] = [seededRandom(seed), seededRandom(seed)];
          const decision = selectSampled(defaultRoutePolicy, work, views, theirs, sampleMax);
          const expected = decision.kind === 'selected' ? decision.instance : undefined;
          expect(chooser(work, views, mine)).toBe(expected);
          // Also as many draws: decisions after this one are the same too.
          expect(mine()).toBe(theirs());
        }
        expect(JSON.stringify(views)).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });

  it('holds no instance over that is gone', () => {
    const choose = instanceChooser(defaultRoutePolicy);
    choose(exampleRequest(), [exampleInstance('a'), exampleInstance('b')], () => 0);
    expect(choose(exampleRequest(), [], () => 0)).toBeUndefined();
    expect(choose(exampleRequest(), [exampleInstance('c')], () => 0)?.id).toBe('c');
  });
});
