import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { defaultRoutePolicy } from './default-policy.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { selectInstance } from './select-instance.ts';
import { writtenTrace } from './written-trace.ts';

/** A decision, with its trace as people read it. */
const select = (instances: Parameters<typeof selectInstance>[2], request = exampleRequest()) => {
  const { trace, ...decision } = selectInstance(
    ...([defaultRoutePolicy, request, instances, seededRandom(1)] as const),
  );
  const picked = decision.kind === 'selected' ? decision.instance.id : undefined;
  return { ...decision, trace: writtenTrace(trace, picked) };
};

describe('selectInstance', () => {
  it('rejects with the reason when there is no instance', () => {
    expect(select([])).toMatchObject({ kind: 'rejected', reason: 'no_instance' });
  });

  it('names the filter that dropped each instance', () => {
    const decision = select([
      exampleInstance('draining', { ready: false }),
      exampleInstance('other', { model: 'other' }),
      exampleInstance('short', { contextMax: 10 }),
    ]);
    expect(decision).toMatchObject({
      kind: 'rejected',
      reason: 'all_filtered',
      trace: { dropped: { draining: 'ready', other: 'serves-model', short: 'context-fits' } },
    });
  });

  it('traces every score of every instance that was in the running', () => {
    const decision = select([exampleInstance('a', { bookedTokens: 10 }), exampleInstance('b')]);
    expect(decision).toMatchObject({
      kind: 'selected',
      instance: { id: 'b' },
      trace: {
        scores: {
          a: { 'pending-tokens': 0, 'kv-room': 1, 'queue-age': 1, headroom: 0.5, total: 1.5 },
          b: { 'pending-tokens': 1 },
        },
      },
    });
  });

  it('always selects an instance that passes every filter, of least load (property)', () => {
    const instance = fc.record({
      ready: fc.boolean(),
      bookedTokens: fc.nat(1000),
      contextMax: fc.integer({ min: 50, max: 150 }),
    });
    fc.assert(
      fc.property(fc.array(instance, { maxLength: 64 }), fc.nat(), (fields, seed) => {
        const instances = fields.map((field, i) => exampleInstance(`i${i}`, field));
        const able = instances.filter(({ ready, contextMax }) => ready && contextMax >= 100);
        const decision = selectInstance(
          defaultRoutePolicy,
          exampleRequest(),
          instances,
          seededRandom(seed),
        );
        if (able.length === 0) return decision.kind === 'rejected';
        const least = Math.min(...able.map(({ bookedTokens }) => bookedTokens));
        return (
          decision.kind === 'selected' &&
          able.includes(decision.instance) &&
          decision.instance.bookedTokens === least
        );
      }),
    );
  });
});
