import { expect, test } from '@jest/globals';
import { assumedInlet, predictInletC, recirculatedInletC } from './inlet.ts';

test.each([
  ['winter, idle', -20, 0, 20],
  ['cool', 15, 0, 20],
  ['mild', 20, 0, 22],
  ['warm', 25, 0, 24],
  ['hot', 40, 0, 27],
  ['hot and busy', 40, 1, 29],
  ['a load that cannot be', 15, 7, 22],
])('%s', (_, outsideC, loadShare, expected) => {
  expect(predictInletC(assumedInlet, { outsideC, loadShare })).toBeCloseTo(expected, 9);
});

test('a place has its bias', () => {
  const placed = { ...assumedInlet, placeBiasK: 1.5 };
  expect(predictInletC(placed, { outsideC: 0, loadShare: 0 })).toBe(21.5);
});

test.each([
  ['enough air', 1, 20],
  ['just enough', 2, 20],
  ['half of it', 4, 30],
  ['a great deal too little', 1e9, 40],
])('recirculation: %s', (_, airflowDemandedM3s, expected) => {
  const inletC = recirculatedInletC({
    ...{ supplyC: 20, returnC: 40, airflowDemandedM3s, airflowSuppliedM3s: 2 },
  });
  expect(inletC).toBeCloseTo(expected, 6);
});

test('no air at all: servers breathe what comes back', () => {
  const air = { supplyC: 20, returnC: 40, airflowDemandedM3s: 1, airflowSuppliedM3s: 0 };
  expect(recirculatedInletC(air)).toBe(40);
});
