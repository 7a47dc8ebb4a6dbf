import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CapacityRule,
  closeFitting,
  createSlotCache,
  preallocated,
  type SlotCache,
} from './slot-cache.ts';
import { createSlotTable } from './slot-table.ts';

const kvHeads = 2;
const headSize = 3;
const slots = 6;

/** A tensor [kvHeads, tokens, headSize] whose numbers name their owner, head and position. */
const tensorOf = (owner: number, tokens: number): Float32Array => {
  const data = new Float32Array(kvHeads * tokens * headSize);
  return data.map((_, index) => {
    const head = Math.floor(index / (tokens * headSize));
    const position = Math.floor(index / headSize) % tokens;
    return owner * 1e5 + head * 1e4 + position;
  });
};

type Action = { kind: 'join'; tokens: number } | { kind: 'leave'; at: number } | { kind: 'step' };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), tokens: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ kind: fc.constant('leave' as const), at: fc.nat(5) }),
  fc.record({ kind: fc.constant('step' as const) }),
);

const cacheOf = (capacityTokens: number, capacityRule: CapacityRule): SlotCache =>
  createSlotCache({
    type: 'float32',
    tensors: 2,
    kvHeads,
    headSize,
    slots,
    capacityTokens,
    capacityRule,
  });

interface Row {
  readonly owner: number;
  tokens: number;
}

/** Joins, leaves and steps as a decode batch makes them; `check` sees each state. */
const play = (
  cache: SlotCache,
  actions: readonly Action[],
  check: (rows: readonly (Row | undefined)[]) => void,
): void => {
  const table = createSlotTable<Row>();
  let owners = 0;
  const reserve = (tokens: number): void => {
    const lengths = table.slots.map((row) => row?.tokens ?? 0);
    cache.reserve(Math.max(tokens, ...lengths) + 1, lengths);
  };
  for (const each of actions) {
    if (each.kind === 'join' && table.size < slots) {
      const row = { owner: (owners += 1), tokens: each.tokens };
      reserve(row.tokens);
      const tensor = tensorOf(row.owner, row.tokens);
      cache.put(table.take(row), [tensor, tensor], row.tokens);
    } else if (each.kind === 'leave' && table.slots[each.at] !== undefined) {
      table.free(each.at);
    } else if (each.kind === 'step') {
      table.compact((from, to, row) => cache.move(from, to, row.tokens));
      reserve(0);
      table.members().forEach((row, slot) => {
        const longer = tensorOf(row.owner, row.tokens + 1);
        const tensors = [longer, longer];
        const source = { tensors, row: 0, tokens: row.tokens + 1, position: row.tokens };
        cache.append(slot, row.tokens, source);
        row.tokens += 1;
      });
    }
    check(table.slots);
  }
};

describe('createSlotCache', () => {
  it.each([
    { name: 'room that fits closely', capacity: 32, rule: closeFitting },
    { name: 'room from the start', capacity: 128, rule: preallocated(128) },
    { name: 'room from the start, outgrown', capacity: 16, rule: preallocated(96) },
  ])('keeps every row whole through joins, leaves and growth: $name', ({ capacity, rule }) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const cache = cacheOf(capacity, rule);
        play(cache, actions, (rows) => {
          rows.forEach((row, slot) => {
            if (row === undefined) return;
            expect(cache.capacityTokens).toBeGreaterThanOrEqual(row.tokens);
            expect(Array.from(cache.gather(1, [slot], row.tokens))).toEqual(
              Array.from(tensorOf(row.owner, row.tokens)),
            );
          });
        });
      }),
    );
  });

  it('keeps its buffers where there is room from the start', () => {
    const cache = cacheOf(128, preallocated(128));
    const before = cache.view(0, slots).buffer;
    const actions: Action[] = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 3 ? { kind: 'step' } : { kind: 'join', tokens: 80 },
    );
    play(cache, actions, () => undefined);
    expect(cache.view(0, slots).buffer).toBe(before);
    expect(cache.bytes).toBe(2 * slots * kvHeads * 128 * headSize * 4);
  });
});
