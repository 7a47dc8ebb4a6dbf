import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCrossCache } from './cross-cache.ts';

const layout = { layers: [1, 3], kvHeads: 2, headSize: 2 };
const names = ['a', 'b', 'c', 'd'];
const slots = 4;

/** Tensors whose numbers name owner, tensor, head and token. */
const tensorsOf = (owner: number, tokens: number): readonly Float32Array[] =>
  names.map((_, tensor) =>
    Float32Array.from({ length: 2 * tokens * 2 }, (__, index) => {
      const head = Math.floor(index / (tokens * 2));
      const token = Math.floor(index / 2) % tokens;
      return owner * 1e4 + tensor * 1e3 + head * 100 + token;
    }),
  );

type Action =
  | { readonly kind: 'join'; readonly row: number; readonly tokens: number }
  | { readonly kind: 'move'; readonly from: number; readonly to: number }
  | { readonly kind: 'free'; readonly row: number };

const row = fc.nat(slots - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), row, tokens: fc.nat(9) }),
  fc.record({ kind: fc.constant('move' as const), from: row, to: row }),
  fc.record({ kind: fc.constant('free' as const), row }),
);

describe('the cross cache', () => {
  it('feeds every row what it came with, however rows join, move and leave', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const cache = createCrossCache({ layout, names }, 'float32', slots);
        const rows: { owner: number; tokens: number }[] = Array.from({ length: slots }, () => ({
          owner: 0,
          tokens: 0,
        }));
        actions.forEach((each, index) => {
          const owner = index + 1;
          if (each.kind === 'join') {
            cache.put(each.row, tensorsOf(owner, each.tokens), each.tokens);
            rows[each.row] = { owner, tokens: each.tokens };
          } else if (each.kind === 'free') {
            cache.free(each.row);
            rows[each.row] = { owner: 0, tokens: 0 };
          } else if (each.from !== each.to) {
            cache.move(each.from, each.to);
            rows[each.to] = rows[each.from] ?? { owner: 0, tokens: 0 };
            rows[each.from] = { owner: 0, tokens: 0 };
          }
        });
        for (const asked of [
          [0, 1, 2, 3],
          [3, 1],
        ]) {
          const sight = cache.sight(asked);
          asked.forEach((member, place) => {
            const { owner, tokens } = rows[member] ?? { owner: 0, tokens: 0 };
            const mask = sight.mask.subarray(place * sight.tokens, (place + 1) * sight.tokens);
            expect([...mask].map(Number)).toEqual(
              Array.from({ length: sight.tokens }, (_, token) => (token < tokens ? 1 : 0)),
            );
            tensorsOf(owner, tokens).forEach((expected, tensor) => {
              for (let head = 0; head < 2; head++) {
                const start = (place * 2 + head) * sight.tokens * 2;
                const seen = sight.states[tensor]?.subarray(start, start + tokens * 2);
                expect([...(seen ?? [])]).toEqual([
                  ...expected.subarray(head * tokens * 2, (head + 1) * tokens * 2),
                ]);
              }
            });
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is no wider than twice the widest row', () => {
    const cache = createCrossCache({ layout, names }, 'float32', slots);
    cache.put(0, tensorsOf(1, 36), 36);
    expect(cache.sight([0]).tokens).toBe(36);
    cache.put(0, tensorsOf(2, 4), 4);
    expect(cache.sight([0]).tokens).toBe(4);
    cache.put(1, [], 0);
    expect(cache.sight([0, 1]).tokens).toBe(4);
  });
});
