import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSlotCache } from './slot-cache.ts';

const layout = { layers: 1, kvHeads: 2, headSize: 3 };

/** A tensor [kvHeads, tokens, headSize] whose numbers name their owner, head and position. */
const tensorOf = (owner: number, tokens: number): Float32Array => {
  const data = new Float32Array(layout.kvHeads * tokens * layout.headSize);
  return data.map((_, index) => {
    const head = Math.floor(index / (tokens * layout.headSize));
    const position = Math.floor(index / layout.headSize) % tokens;
    return owner * 1e5 + head * 1e4 + position;
  });
};

type Action = { kind: 'join'; tokens: number } | { kind: 'leave'; at: number } | { kind: 'step' };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), tokens: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('leave' as const), at: fc.nat(5) }),
  fc.record({ kind: fc.constant('step' as const) }),
);

describe('createSlotCache', () => {
  it('keeps every row whole through joins, leaves, growth and shrinking', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const cache = createSlotCache({ layout, type: 'float32', slots: 6, blockTokens: 8 });
        const rows: { owner: number; tokens: number }[] = [];
        let owners = 0;
        const lengths = () => rows.map((row) => row.tokens);
        for (const each of actions) {
          if (each.kind === 'join' && rows.length < 6) {
            owners += 1;
            cache.reserve(Math.max(each.tokens, ...lengths()) + 1, lengths());
            const tensor = tensorOf(owners, each.tokens);
            cache.put(rows.length, [tensor, tensor], each.tokens);
            rows.push({ owner: owners, tokens: each.tokens });
          } else if (each.kind === 'leave' && each.at < rows.length) {
            const last = rows.pop();
            if (last !== undefined && each.at < rows.length) {
              cache.move(rows.length, each.at, last.tokens);
              rows[each.at] = last;
            }
          } else if (each.kind === 'step' && rows.length > 0) {
            cache.reserve(Math.max(...lengths()) + 1, lengths());
            rows.forEach((row, index) => {
              const longer = tensorOf(row.owner, row.tokens + 1);
              const source = {
                tensors: [longer, longer],
                row: 0,
                tokens: row.tokens + 1,
                position: row.tokens,
              };
              cache.append(index, row.tokens, source);
              row.tokens += 1;
            });
          }
          expect(cache.capacityTokens).toBeGreaterThanOrEqual(Math.max(0, ...lengths()));
          rows.forEach((row, index) => {
            expect(Array.from(cache.gather(1, [index], row.tokens))).toEqual(
              Array.from(tensorOf(row.owner, row.tokens)),
            );
          });
        }
      }),
    );
  });
});
