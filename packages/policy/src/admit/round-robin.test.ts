import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freshRound, nextInRound, type RoundShare, type RoundState } from './round-robin.ts';

const quantum = 10;
const options = { quantum, creditRequests: 3, absentMax: 4 };

/** The same by the book: round after round, tenant after tenant. */
const slowly = (state: RoundState, shares: readonly RoundShare[]): string | undefined => {
  const names = shares.map(({ tenant }) => tenant).toSorted();
  const of = (name: string): RoundShare | undefined => shares.find(({ tenant }) => tenant === name);
  if (shares.every(({ cost }) => cost === undefined)) return undefined;
  const saved = new Map(names.map((name) => [name, state.saved.get(name)?.tokens ?? 0]));
  const turn = state.turn ?? '';
  const mine = of(turn);
  if (mine?.cost !== undefined && (saved.get(turn) ?? 0) >= mine.cost) return turn;
  const ring = [...names.filter((name) => name > turn), ...names.filter((name) => name <= turn)];
  for (;;) {
    for (const name of ring) {
      const share = of(name);
      if (share?.cost === undefined) continue;
      saved.set(name, (saved.get(name) ?? 0) + quantum * share.weight);
      if ((saved.get(name) ?? 0) >= share.cost) return name;
    }
  }
};

const tenants = ['a', 'b', 'c', 'd', 'e'];
const shareOf = (tenant: string) =>
  fc.record({
    tenant: fc.constant(tenant),
    weight: fc.constantFrom(0.5, 1, 2, 4),
    cost: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  });
const round = fc
  .subarray(tenants)
  .chain((names) => fc.tuple(...names.map(shareOf)))
  .map((shares): readonly RoundShare[] => shares);

describe('deficit round robin', () => {
  it('does what the slow one does, whatever comes and goes (property)', () => {
    fc.assert(
      fc.property(fc.array(round, { maxLength: 30 }), (rounds) => {
        let state = freshRound;
        for (const shares of rounds) {
          const expected = slowly(state, shares);
          const outcome = nextInRound(state, shares, options);
          expect(outcome.kind === 'chosen' ? outcome.tenant : undefined).toBe(expected);
          state = outcome.state;
          for (const { tokens } of state.saved.values()) expect(tokens).toBeGreaterThanOrEqual(0);
          expect(state.saved.size).toBeLessThanOrEqual(tenants.length);
        }
      }),
    );
  });

  it('does not depend on the order in which tenants are listed (property)', () => {
    fc.assert(
      fc.property(round, fc.constantFrom(undefined, ...tenants), (shares, turn) => {
        const state = { ...freshRound, turn };
        const outcome = nextInRound(state, shares, options);
        const other = nextInRound(state, shares.toReversed(), options);
        expect({ ...other, state: undefined }).toEqual({ ...outcome, state: undefined });
        expect(Object.fromEntries(other.state.saved)).toEqual(
          Object.fromEntries(outcome.state.saved),
        );
      }),
    );
  });

  it('lets a tenant that was away use some of its share at once, up to a bound', () => {
    const flood: RoundShare = { tenant: 'flood', weight: 1, cost: 10 };
    const burst: RoundShare = { tenant: 'burst', weight: 1, cost: 10 };
    const run = (from: RoundState, shares: readonly RoundShare[], turns: number) => {
      let state = from;
      const order: string[] = [];
      for (let turn = 0; turn < turns; turn++) {
        const outcome = nextInRound(state, shares, options);
        if (outcome.kind === 'chosen') order.push(outcome.tenant);
        ({ state } = outcome);
      }
      return { state, order };
    };
    const before = run(freshRound, [flood, burst], 2).state;
    const away = run(before, [flood], 50).state;
    const back = run(away, [flood, burst], 8).order;
    expect(back).toEqual([
      ...Array.from({ length: 4 }, () => 'burst'),
      'flood',
      'burst',
      'flood',
      'burst',
    ]);
  });

  it('remembers a bounded number of tenants that do not wait', () => {
    let state = freshRound;
    for (let index = 0; index < 50; index++) {
      const share = { tenant: `t${index}`, weight: 1, cost: 5 };
      ({ state } = nextInRound(state, [share], options));
    }
    expect(state.saved.size).toBe(5);
  });

  it('serves tokens in proportion to weights, whatever the sizes (property)', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 });
    const backlog = fc.record({ weight: fc.constantFrom(1, 2, 4), sizes });
    fc.assert(
      fc.property(fc.array(backlog, { minLength: 2, maxLength: 4 }), (backlogs) => {
        const served = backlogs.map(() => ({ count: 0, tokens: 0 }));
        let state = freshRound;
        for (let turn = 0; turn < 400; turn++) {
          const shares = backlogs.map(({ weight, sizes }, index) => ({
            tenant: `t${index}`,
            weight,
            cost: sizes[(served[index]?.count ?? 0) % sizes.length],
          }));
          const outcome = nextInRound(state, shares, options);
          if (outcome.kind !== 'chosen') throw new Error('Somebody waits.');
          const index = Number(outcome.tenant.slice(1));
          const mine = served[index];
          if (mine !== undefined) {
            mine.tokens += shares[index]?.cost ?? 0;
            mine.count += 1;
          }
          state = outcome.state;
        }
        // By the theorem: nobody is off by more than what it may have saved and one round.
        const rounds = served.map(({ tokens }, at) => tokens / (backlogs[at]?.weight ?? 1));
        expect(Math.max(...rounds) - Math.min(...rounds)).toBeLessThanOrEqual(
          2 * (100 + 4 * quantum),
        );
      }),
      { numRuns: 50 },
    );
  });
});
