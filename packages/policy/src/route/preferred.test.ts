import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Preference } from './contract.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { preferred } from './preferred.ts';

const named = (name: string, ...ids: readonly string[]): Preference => ({
  name,
  patience: 2,
  keeps: ({ id }) => ids.includes(id),
});
const fleet = ['a', 'b', 'c'].map((id) => exampleInstance(id));
const apply = (...preferences: readonly Preference[]) => {
  const { kept, dropped, waived } = preferred(preferences, exampleRequest(), fleet);
  const droppedBy = dropped.map(({ instance, by }) => `${instance.id} by ${by}`);
  return { kept: kept.map(({ id }) => id), droppedBy, waived };
};

describe('preferences', () => {
  it('drop like filters while somebody is left', () => {
    expect(apply(named('first', 'a', 'b'), named('second', 'b', 'c'))).toEqual({
      ...{ kept: ['b'], droppedBy: ['c by first', 'a by second'], waived: [] },
    });
  });

  it('are waived, and say so, where they would drop all', () => {
    expect(apply(named('first'), named('second', 'c'))).toEqual({
      ...{ kept: ['c'], droppedBy: ['a by second', 'b by second'], waived: ['first'] },
    });
  });

  it.each([
    { name: 'hold while there is as much to do elsewhere', pending: [900, 800, 850], waived: [] },
    { name: 'hold while there is a bit more to do', pending: [200, 0, 0], waived: [] },
    { name: 'are waived where there is too much more', pending: [201, 0, 900], waived: ['first'] },
  ])('$name', ({ pending, waived }) => {
    const busy = pending.map((bookedTokens, index) =>
      exampleInstance('abc'.charAt(index), { bookedTokens }),
    );
    const outcome = preferred([named('first', 'a')], exampleRequest({ tokens: 100 }), busy);
    expect(outcome.waived).toEqual(waived);
    expect(outcome.kept).toHaveLength(waived.length === 0 ? 1 : 3);
  });

  it('have no patience while requests wait in front of the fleet', () => {
    const busy = [exampleInstance('a', { bookedTokens: 1 }), exampleInstance('b')];
    const request = exampleRequest({ tokens: 100 });
    const waivedWhen = (crowded: boolean, instances = busy) =>
      preferred([named('first', 'a')], { ...request, crowded }, instances).waived;
    expect([waivedWhen(false), waivedWhen(true)]).toEqual([[], ['first']]);
    expect(waivedWhen(true, [exampleInstance('a'), exampleInstance('b')])).toEqual([]);
  });

  it('count what is pending for each unit of capacity', () => {
    const busy = [
      exampleInstance('a', { bookedTokens: 800, capacity: 4 }),
      exampleInstance('b', { bookedTokens: 0, capacity: 4 }),
    ];
    expect(preferred([named('first', 'a')], exampleRequest({ tokens: 100 }), busy).waived).toEqual(
      [],
    );
  });

  it('take nothing and make nothing where there is nobody', () => {
    expect(preferred([named('first')], exampleRequest(), [])).toEqual({
      ...{ kept: [], dropped: [], waived: [] },
    });
  });

  it('leave somebody of somebody, and account for all (property)', () => {
    const preference = fc.subarray(['a', 'b', 'c']).map((ids) => named('some', ...ids));
    fc.assert(
      fc.property(fc.array(preference, { maxLength: 4 }), (preferences) => {
        const { kept, dropped } = preferred(preferences, exampleRequest(), fleet);
        const all = new Set([...kept, ...dropped.map(({ instance }) => instance)]);
        return kept.length > 0 && kept.length + dropped.length === 3 && all.size === 3;
      }),
    );
  });
});
