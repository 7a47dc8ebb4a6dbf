import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import { defaultRoutePolicy } from '../default-policy.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { selectInstance } from '../select-instance.ts';
import { selectSampled } from './select-sampled.ts';

const fleet = Array.from({ length: 100 }, (_, index) =>
  exampleInstance(`i${index}`, { bookedTokens: index * 10 }),
);
const select = (seed: number, sampleMax: number, instances = fleet) =>
  selectSampled(defaultRoutePolicy, exampleRequest(), instances, seededRandom(seed), sampleMax);

describe('selectSampled', () => {
  it('looks at so many different instances, and takes the best of them', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const decision = select(seed, 3);
      const { kept } = decision.trace;
      expect(new Set(kept).size).toBe(3);
      const least = Math.min(...kept.map(({ bookedTokens }) => bookedTokens));
      expect(decision).toMatchObject({ kind: 'selected', instance: { bookedTokens: least } });
    }
  });

  it('draws every instance as often as any other', () => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed += 1) {
      for (const { id } of select(seed, 2).trace.kept) seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    // 60 each; five deviations of a draw of 6,000.
    expect(seen.size).toBe(100);
    for (const count of seen.values()) expect(Math.abs(count - 60)).toBeLessThan(39);
  });

  it('looks at all where none of those that were drawn can do the work', () => {
    const only = fleet.map((each, index) => ({ ...each, ready: index === 77 }));
    for (let seed = 0; seed < 20; seed += 1) {
      expect(select(seed, 2, only)).toMatchObject({ kind: 'selected', instance: { id: 'i77' } });
    }
    const none = fleet.map((each) => ({ ...each, ready: false }));
    expect(select(1, 2, none)).toMatchObject({ kind: 'rejected', reason: 'all_filtered' });
  });

  it('is selectInstance where the fleet is not larger', () => {
    const few = fleet.slice(0, 4);
    const all = selectInstance(defaultRoutePolicy, exampleRequest(), few, seededRandom(5));
    expect(select(5, 4, few)).toEqual(all);
  });
});
