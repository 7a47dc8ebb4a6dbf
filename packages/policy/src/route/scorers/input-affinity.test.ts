import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { defaultRoutePolicy } from '../default-policy.ts';
import { exampleInstance, exampleRequest } from '../example-instance.ts';
import { selectInstance } from '../select-instance.ts';
import { inputAffinityScorer } from './input-affinity.ts';

const at = (processId: string, bookedTokens = 0) =>
  exampleInstance(processId, { stage: 'prefill', processId, bookedTokens });
const work = (...held: readonly [process: string, tokens: number][]) =>
  exampleRequest({ stage: 'prefill', tokens: 160, inputTokens: new Map(held) });
const score = (instances: readonly ReturnType<typeof at>[], request: ReturnType<typeof work>) =>
  inputAffinityScorer.score(instances, request);

describe('input-affinity', () => {
  it('rates by how many tokens of the inputs lie in the same process', () => {
    expect(score([at('a'), at('b'), at('c')], work(['a', 80], ['b', 40]))).toEqual([1, 0.5, 0]);
  });

  it('counts only while the wait there is short against what need not travel', () => {
    expect(score([at('a', 10), at('b')], work(['a', 80]))).toEqual([1, 0]);
    expect(score([at('a', 11), at('b')], work(['a', 80]))).toEqual([0, 0]);
  });

  it.each([
    ['of another stage', { ...work(['a', 80]), stage: 'decode' as const }],
    ['without inputs', exampleRequest({ stage: 'prefill' })],
    ['of no tokens', { ...work(['a', 80]), tokens: 0 }],
  ])('says nothing of work %s', (_, request) => {
    expect(score([at('a'), at('b')], request)).toEqual([0, 0]);
  });

  it('takes a prompt to the process of its embeddings, though that process is shared', () => {
    const shared = { ...at('a'), sharesWith: new Set(['encode'] as const) };
    const decision = selectInstance(
      ...([defaultRoutePolicy, work(['a', 80]), [at('b'), shared, at('c')], () => 0] as const),
    );
    expect(decision).toMatchObject({ kind: 'selected', instance: { id: 'a' } });
  });

  it('leaves a prompt where its prefix is held, which needs no embeddings', () => {
    const holder = { ...at('b', 50), cacheKeys: new Set(['block']) };
    const request = { ...work(['a', 80]), cacheKeys: ['block'] };
    const decision = selectInstance(
      ...([defaultRoutePolicy, request, [at('a'), holder], () => 0] as const),
    );
    expect(decision).toMatchObject({ kind: 'selected', instance: { id: 'b' } });
  });

  it('never piles more on one instance than its patience, though all inputs lie there (property)', () => {
    const prompt = fc.record({ media: fc.integer({ min: 0, max: 100 }), done: fc.boolean() });
    fc.assert(
      fc.property(fc.array(prompt, { maxLength: 120 }), fc.nat(), (prompts, seed) => {
        const random = seededRandom(seed);
        const booked = new Map(['a', 'b', 'c'].map((id) => [id, 0]));
        for (const { media, done } of prompts) {
          const instances = [...booked].map(([id, tokens]) => at(id, tokens));
          const request = { ...work(['a', media]), tokens: media + 20 };
          const decision = selectInstance(defaultRoutePolicy, request, instances, random);
          if (decision.kind !== 'selected') return false;
          const { id, bookedTokens } = decision.instance;
          if (bookedTokens - Math.min(...booked.values()) > media / 8) return false;
          if (!done) booked.set(id, bookedTokens + request.tokens);
        }
        return true;
      }),
    );
  });
});
