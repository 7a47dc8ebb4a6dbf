import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import fc from 'fast-check';
import { headroomParts } from '../headroom/stage-headroom.ts';
import type { InstanceView, RouteRequest } from './contract.ts';
import { defaultRoutePolicy } from './default-policy.ts';
import { selectInstance } from './select-instance.ts';
import { fleet, request } from './testing/example-fleet.ts';

/** Whom the default filters let through, in words instead of filters. */
const able = (views: readonly InstanceView[], work: RouteRequest): readonly InstanceView[] =>
  views.filter(
    (one) =>
      one.stage === work.stage &&
      one.model === work.model &&
      (one.takes ?? 'tensors') === (work.takes ?? 'tensors') &&
      one.ready &&
      one.tripped !== true &&
      !work.excluded.has(one.id) &&
      one.contextMax >= work.contextTokens,
  );

/** Slow and obvious: rates one instance after the other and keeps all that are the best. */
const bestOf = (
  views: readonly InstanceView[],
  work: RouteRequest,
  drawn: number,
): ReadonlySet<string> => {
  const could = able(views, work);
  const cool = could.filter(({ headroom: left }) => {
    if (left === undefined) return true;
    const { own, shared } = headroomParts(left, work.stage);
    return own >= 0.1 && drawn >= (1 - shared) / 2;
  });
  const pending = (views: readonly InstanceView[]): number =>
    Math.min(
      ...views.map((one) => {
        return Math.max(one.bookedTokens, one.reportedTokens) / Math.max(1, one.capacity);
      }),
    );
  const others = could.filter((one) => !cool.includes(one));
  const isWorthIt = cool.length > 0 && pending(cool) - pending(others) <= work.tokens;
  const kept = isWorthIt ? cool : could;
  const totalOf = (row: number): number =>
    defaultRoutePolicy.scorers
      .map(({ scorer, weight }) => weight * (scorer.score(kept, work)[row] ?? NaN))
      .reduce((sum, each) => sum + each, 0);
  const totals = kept.map((_, row) => totalOf(row));
  const best = totals.toSorted((a, b) => b - a)[0];
  return new Set(kept.filter((_, row) => totals[row] === best).map(({ id }) => id));
};

const draw = fc.double({ min: 0, max: 1, noNaN: true });

describe('every policy of routing (properties)', () => {
  for (const { scorer } of defaultRoutePolicy.scorers) {
    it(`${scorer.name} gives each instance a finite score in [0, 1]`, () => {
      fc.assert(
        fc.property(fleet, request, (views, work) => {
          const scores = scorer.score(views, work);
          const inRange = (score: number): boolean =>
            Number.isFinite(score) && score >= 0 && score <= 1;
          return scores.length === views.length && scores.every(inRange);
        }),
      );
    });

    it(`${scorer.name} does not depend on the order of the instances`, () => {
      fc.assert(
        fc.property(fleet, request, fc.nat(), (views, work, seed) => {
          const shuffled = shuffle(views, seed);
          const scoreOf = (order: readonly InstanceView[]): ReadonlyMap<string, number> => {
            const scores = scorer.score(order, work);
            return new Map(order.map(({ id }, row) => [id, scores[row] ?? NaN]));
          };
          const [before, after] = [scoreOf(views), scoreOf(shuffled)];
          return views.every(({ id }) => before.get(id) === after.get(id));
        }),
      );
    });
  }

  const { filters, preferences = [] } = defaultRoutePolicy;
  for (const filter of [...filters, ...preferences]) {
    it(`${filter.name} judges each instance by itself, and always alike`, () => {
      fc.assert(
        fc.property(fleet, request, draw, (views, work, drawn) =>
          views.every(
            (one) => filter.keeps(one, work, drawn) === filter.keeps({ ...one }, work, drawn),
          ),
        ),
      );
    });
  }

  it('the picker picks one of the best, whatever the order', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(scores, fc.nat(), (given, seed) => {
        const picked = defaultRoutePolicy.picker.pick(given, seededRandom(seed));
        return given[picked] === given.toSorted((a, b) => b - a)[0];
      }),
    );
  });

  it('selects as the slow reference does, from what is given, in any order, and changes nothing', () => {
    fc.assert(
      fc.property(fleet, request, fc.nat(), (views, work, seed) => {
        const before = JSON.stringify(views);
        const decision = selectInstance(
          defaultRoutePolicy,
          work,
          shuffle(views, seed),
          seededRandom(seed),
        );
        expect(JSON.stringify(views)).toBe(before);
        const best = bestOf(views, work, seededRandom(seed)());
        if (decision.kind === 'rejected') return best.size === 0;
        const { kept, dropped, droppedBy } = decision.trace;
        const judged = kept.length + dropped.length;
        expect(droppedBy).toHaveLength(dropped.length);
        return (
          views.includes(decision.instance) &&
          best.has(decision.instance.id) &&
          judged === views.length
        );
      }),
      { numRuns: 500 },
    );
  });
});

const shuffle = <Item>(items: readonly Item[], seed: number): readonly Item[] => {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
};
