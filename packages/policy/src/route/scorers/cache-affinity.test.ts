import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { defaultRoutePolicy } from '../default-policy.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { selectInstance } from '../select-instance.ts';
import { cacheAffinityScorer } from './cache-affinity.ts';

describe('cache affinity', () => {
  it('takes what its options say: share, least share, patience for each unit of capacity', () => {
    const scorer = cacheAffinityScorer({
      name: 'example',
      concerns: ({ stage }) => stage === 'decode',
      shareOf: (instance) => instance.contextMax / 1000,
      shareMin: 0.2,
      patience: 2,
    });
    const request = exampleRequest({ tokens: 100, cacheKeys: ['k'] });
    const score = (...instances: readonly ReturnType<typeof exampleInstance>[]) =>
      scorer.score(instances, request);
    const of = (contextMax: number, bookedTokens: number, capacity = 1) =>
      exampleInstance('i', { contextMax, bookedTokens, capacity });
    expect(score(of(500, 0), of(250, 0), of(199, 0))).toEqual([1, 0.5, 0]);
    expect(score(of(500, 100), of(0, 0))).toEqual([1, 0]);
    expect(score(of(500, 101), of(0, 0))).toEqual([0, 0]);
    // Two at a time: half the patience for each, half the load for each.
    expect(score(of(500, 100, 2), of(0, 0))).toEqual([1, 0]);
    expect(score(of(500, 101, 2), of(0, 0))).toEqual([0, 0]);
  });

  it.each([
    { stage: 'encode', patience: 16 },
    { stage: 'prefill', patience: 1 },
  ] as const)(
    'never piles more on one $stage instance than patience allows, however hot the content (property)',
    ({ stage, patience }) => {
      const work = fc.record({ key: fc.constantFrom('hot', 'warm', 'cold'), done: fc.boolean() });
      fc.assert(
        fc.property(fc.array(work, { maxLength: 120 }), fc.nat(), (works, seed) => {
          const random = seededRandom(seed);
          const held = [0, 1, 2].map(() => new Set<string>());
          const booked = [0, 0, 0];
          for (const { key, done } of works) {
            const request = exampleRequest({ stage, tokens: 100, cacheKeys: [key] });
            const instances = held.map((cacheKeys, index) =>
              exampleInstance(`${index}`, { stage, cacheKeys, bookedTokens: booked[index] ?? 0 }),
            );
            const decision = selectInstance(defaultRoutePolicy, request, instances, random);
            if (decision.kind !== 'selected') return false;
            const at = Number(decision.instance.id);
            const ahead = (booked[at] ?? 0) - Math.min(...booked);
            if (ahead > patience * 100) return false;
            held[at]?.add(key);
            if (!done) booked[at] = (booked[at] ?? 0) + 100;
          }
          return true;
        }),
      );
    },
  );
});
