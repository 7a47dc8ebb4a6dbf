import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseNext,
  type ClassView,
  freshChoice,
  type ShareView,
  type WaitingView,
} from './choose-next.ts';
import type { SloClassName } from './slo-class.ts';
import { byDue } from './waiting-order.ts';

const options = { quantum: 10, creditRequests: 2, absentMax: 8, promotedEvery: 4 };
const nobody: ClassView<string> = { shares: [], overdueMs: -1 };
const waits = (overdueMs: number, ...shares: readonly ShareView<string>[]) => ({
  shares,
  overdueMs,
});
const share = (tenant: string, cost = 5): ShareView<string> => ({
  ...{ tenant, weight: 1 },
  first: { request: tenant, cost },
});
const blocked = (tenant: string): ShareView<string> => ({ tenant, weight: 1, first: undefined });
const view = (given: Partial<Record<SloClassName, ClassView<string>>>): WaitingView<string> => ({
  interactive: nobody,
  standard: nobody,
  batch: nobody,
  ...given,
});

describe('chooseNext', () => {
  it.each([
    { name: 'nobody', given: {}, chosen: undefined },
    {
      name: 'the most urgent class',
      given: { interactive: waits(-1, share('i')), batch: waits(-1, share('b')) },
      chosen: 'i',
    },
    {
      name: 'the next class where the most urgent has nobody that there is room for',
      given: { interactive: waits(-1, blocked('i')), standard: waits(-1, share('s')) },
      chosen: 's',
    },
    {
      name: 'nobody where there is room for none',
      given: { batch: waits(1000, blocked('b')) },
      chosen: undefined,
    },
  ])('takes $name', ({ given, chosen }) => {
    const choice = chooseNext(freshChoice, view(given), options);
    expect(choice.kind === 'chosen' ? choice.request : undefined).toBe(chosen);
  });

  it('gives every fourth place to a class that is overdue', () => {
    const given = view({
      interactive: waits(-1, share('i')),
      standard: waits(5, share('s')),
      batch: waits(9, share('b')),
    });
    let state = freshChoice;
    const chosen = Array.from({ length: 8 }, () => {
      const choice = chooseNext(state, given, options);
      ({ state } = choice);
      return choice.kind === 'chosen' ? `${choice.request} ${choice.because}` : '';
    });
    const urgent = ['i urgent', 'i urgent', 'i urgent'];
    expect(chosen).toEqual([...urgent, 'b promoted', ...urgent, 'b promoted']);
  });

  it('does not depend on the order in which tenants are listed (property)', () => {
    const shares = fc
      .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
      .chain((names) =>
        fc.tuple(
          ...names.map((name) => fc.integer({ min: 1, max: 99 }).map((cost) => share(name, cost))),
        ),
      );
    fc.assert(
      fc.property(shares, (all) => {
        const one = chooseNext(freshChoice, view({ standard: waits(-1, ...all) }), options);
        const other = chooseNext(
          freshChoice,
          view({ standard: waits(-1, ...all.toReversed()) }),
          options,
        );
        expect(one.kind === 'chosen' && one.request).toBe(other.kind === 'chosen' && other.request);
      }),
    );
  });
});

interface Waiting {
  readonly name: SloClassName;
  readonly tenant: string;
  readonly cost: number;
  readonly arrival: number;
  readonly dueMs: number;
}

const patienceMs = { interactive: 20, standard: 40, batch: 80 };

/** One place a millisecond, and a queue that never runs dry of urgent and short requests of others. */
const serve = (early: readonly Waiting[], msMax: number): readonly Waiting[] => {
  const waiting = [...early];
  const served: Waiting[] = [];
  let state = freshChoice;
  for (let nowMs = 0; nowMs < msMax; nowMs++) {
    for (const name of ['interactive', 'standard', 'batch'] as const) {
      const dueMs = nowMs + 10;
      waiting.push({ name, tenant: 'flood', cost: 5, arrival: 1000 + nowMs, dueMs });
    }
    const classOf = (name: SloClassName): ClassView<Waiting> => {
      const mine = waiting.filter((one) => one.name === name);
      const tenants = [...new Set(mine.map(({ tenant }) => tenant))];
      const oldestMs = Math.min(...mine.map(({ arrival }) => Math.max(0, arrival - 1000)));
      return {
        overdueMs: nowMs - oldestMs - patienceMs[name],
        shares: tenants.map((tenant) => {
          const [first] = mine.filter((one) => one.tenant === tenant).toSorted(byDue);
          return {
            tenant,
            weight: 1,
            first: first && { request: first, cost: first.cost },
          };
        }),
      };
    };
    const given = {
      interactive: classOf('interactive'),
      standard: classOf('standard'),
      batch: classOf('batch'),
    };
    const choice = chooseNext(state, given, options);
    if (choice.kind !== 'chosen') throw new Error('Somebody waits.');
    ({ state } = choice);
    waiting.splice(waiting.indexOf(choice.request), 1);
    served.push(choice.request);
  }
  return served;
};

describe('a queue under more load than can ever be served', () => {
  it('starves nobody: not the least urgent, not the longest, not the smallest tenant (property)', () => {
    const early = fc.array(
      fc.record({
        name: fc.constantFrom('interactive' as const, 'standard' as const, 'batch' as const),
        tenant: fc.constantFrom('flood', 'small'),
        cost: fc.integer({ min: 1, max: 25 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(early, (given) => {
        // What is longer is due later.
        const requests = given.map((one, arrival) => ({ ...one, arrival, dueMs: 10 + one.cost }));
        const served = new Set(serve(requests, 400).map(({ arrival }) => arrival));
        expect(requests.filter(({ arrival }) => !served.has(arrival))).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('gives the most urgent class all but every fourth place', () => {
    const served = serve([], 200);
    const urgent = served.filter(({ name }) => name === 'interactive').length;
    expect(urgent).toBeGreaterThanOrEqual(150);
    expect(urgent).toBeLessThan(200);
  });
});
