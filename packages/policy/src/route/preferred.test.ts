import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Filter } from './contract.ts';
import { exampleInstance, exampleRequest } from './example-instance.ts';
import { preferred } from './preferred.ts';

const named = (name: string, ...ids: readonly string[]): Filter => ({
  name,
  keeps: ({ id }) => ids.includes(id),
});
const fleet = ['a', 'b', 'c'].map((id) => exampleInstance(id));
const apply = (...preferences: readonly Filter[]) => {
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
