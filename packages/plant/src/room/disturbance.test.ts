import { expect, test } from '@jest/globals';
import { conditionsOf } from './disturbance.ts';

test('nothing wrong: all shares are whole', () => {
  const conditions = conditionsOf([]);
  expect(conditions).toMatchObject({ allUpsShare: 1, warmerK: 0 });
  expect(conditions.coolingShare.size + conditions.lostAhus.size).toBe(0);
});

test('of two of a kind the worse counts', () => {
  const conditions = conditionsOf([
    { kind: 'cooling', aisle: 'a1', share: 0.5 },
    { kind: 'cooling', aisle: 'a1', share: 0.9 },
    { kind: 'heat-wave', addK: 3 },
    { kind: 'heat-wave', addK: 8 },
    { kind: 'power', share: 0.75 },
    { kind: 'power', share: 0.9, row: 'r1' },
    { kind: 'power', share: 0.8, ups: 'u1' },
  ]);
  expect(conditions.coolingShare.get('a1')).toBe(0.5);
  expect(conditions.warmerK).toBe(8);
  expect(conditions.allUpsShare).toBe(0.75);
  expect(conditions.rowShare.get('r1')).toBe(0.9);
  expect(conditions.upsShare.get('u1')).toBe(0.8);
});

test.each([
  [Number.NaN, 0],
  [-3, 0],
  [7, 1],
])('a share of %d counts as %d', (share, expected) => {
  const { coolingShare } = conditionsOf([{ kind: 'cooling', aisle: 'a1', share }]);
  expect(coolingShare.get('a1')).toBe(expected);
});

test.each([
  [Number.NaN, 40],
  [-3, 0],
  [1e9, 40],
  [5, 5],
])('%d K warmer counts as %d', (addK, expected) => {
  expect(conditionsOf([{ kind: 'heat-wave', addK }]).warmerK).toBe(expected);
});
