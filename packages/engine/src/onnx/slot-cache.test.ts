import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSlotCache, type SlotCache } from './slot-cache.ts';
import { batchTokens, roomTokens } from './slot-layout.ts';
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

const cacheOf = (tokensMax: number, tokens = tokensMax): SlotCache =>
  createSlotCache({
    type: 'float32',
    tensors: 2,
    kvHeads,
    headSize,
    roomOf: roomTokens,
    tokens: Math.min(tokens, tokensMax),
    tokensMax,
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
  const reserve = (): void => {
    const lengths = table.slots.map((row) => row?.tokens ?? 0);
    cache.reserve(Math.max(0, ...lengths) + 1, lengths);
  };
  for (const each of actions) {
    if (each.kind === 'join' && table.size < slots) {
      const row = { owner: (owners += 1), tokens: each.tokens };
      const slot = table.take(row);
      reserve();
      const tensor = tensorOf(row.owner, row.tokens);
      cache.put(slot, [tensor, tensor], row.tokens);
    } else if (each.kind === 'leave' && table.slots[each.at] !== undefined) {
      table.free(each.at);
    } else if (each.kind === 'step') {
      table.compact((from, to, row) => cache.move(from, to, row.tokens));
      reserve();
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
    { name: 'buffers that are large enough', tokens: undefined },
    { name: 'buffers that have to grow', tokens: 1 },
  ])('keeps every row whole through joins, leaves and steps: $name', ({ tokens }) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const cache = cacheOf(slots * roomTokens(200), tokens);
        play(cache, actions, (rows) => {
          rows.forEach((row, slot) => {
            if (row === undefined) return;
            expect(cache.roomTokens).toBeGreaterThanOrEqual(row.tokens);
            expect(Array.from(cache.gather(1, [slot], row.tokens))).toEqual(
              Array.from(tensorOf(row.owner, row.tokens)),
            );
          });
        });
      }),
    );
  });

  it('keeps its buffers, whatever becomes of the room', () => {
    const cache = cacheOf(slots * roomTokens(200));
    const before = cache.view(0, 1).buffer;
    const actions: Action[] = Array.from({ length: 200 }, (_, index) =>
      index % 4 === 3 ? { kind: 'step' } : { kind: 'join', tokens: 1 + ((index * 37) % 80) },
    );
    const rooms = new Set<number>();
    play(cache, actions, () => rooms.add(cache.roomTokens));
    expect(rooms.size).toBeGreaterThan(2);
    expect(cache.view(0, slots).buffer).toBe(before);
  });

  it('refuses more than it has room for, and keeps what there is', () => {
    const cache = cacheOf(batchTokens([40, 40]));
    const tensor = tensorOf(1, 40);
    cache.reserve(40, [0, 0]);
    cache.put(0, [tensor, tensor], 40);
    expect(() => cache.reserve(40, [40, 0, 0])).toThrow(
      expect.objectContaining({ code: 'saturated' }),
    );
    expect(() => cache.reserve(65, [40, 0])).toThrow();
    expect(Array.from(cache.gather(0, [0], 40))).toEqual(Array.from(tensor));
  });
});
