import { expect, test } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import type { Hour } from './hourly.ts';
import { fitTemperature, meanError, predictMonths, riseOf } from './temperature-fit.ts';

const hoursPerMonth = 200;

/** Our own: a bent line, a room that is another one each month, and noise. */
const madeHours = (months: number, roomK: (month: number) => number): readonly Hour[] => {
  const random = seededRandom(5);
  return Array.from({ length: months * hoursPerMonth }, (_, index) => {
    const month = Math.floor(index / hoursPerMonth);
    const powerW = 30 + 250 * random();
    const bentK = 0.1 * powerW + 0.1 * Math.max(0, powerW - 120);
    const temperatureC = 25 + roomK(month) + bentK + random() - 0.5;
    return { atH: index, month, powerW, powerMinW: powerW, powerMaxW: powerW, temperatureC };
  });
};

test('the bent line is found', () => {
  const model = fitTemperature(madeHours(4, () => 0));
  const { baseC, rise } = riseOf(model, { idleW: 30, endW: 300 });
  const risen = (watts: number) =>
    baseC + (rise.find(({ powerW }) => powerW === watts)?.riseK ?? 0);
  expect(risen(30)).toBeCloseTo(28, -0.3);
  expect(risen(240)).toBeCloseTo(61, -0.3);
});

test('an hour of two powers is not an hour of their mean', () => {
  const model = fitTemperature(madeHours(4, () => 0));
  const mixed = madeHours(1, () => 0)
    .slice(0, 1)
    .map((hour) => ({
      ...hour,
      ...{ powerW: 160, powerMinW: 40, powerMaxW: 280, temperatureC: 25 + (4 + 44) / 2 },
    }));
  const predictions = predictMonths([
    ...madeHours(3, () => 0),
    ...mixed.map((hour) => ({ ...hour, month: 9, atH: 9_999 })),
  ]);
  expect(model.length).toBeGreaterThan(2);
  expect(predictions).toHaveLength(1);
  expect(meanError(predictions, 'modelC')).toBeLessThan(0.6);
});

test('what comes later changes no prediction', () => {
  const hours = madeHours(5, (month) => month);
  const changed = hours.map((hour, index) =>
    index < 4 * hoursPerMonth + 50 ? hour : { ...hour, temperatureC: 999 },
  );
  const [true_, false_] = [predictMonths(hours), predictMonths(changed)];
  const upTo = hoursPerMonth + 50;
  const said = (list: ReturnType<typeof predictMonths>) =>
    list.slice(0, upTo).map(({ modelC, onlineC }) => [modelC, onlineC]);
  expect(said(true_)).toEqual(said(false_));
});

test('a room that changes is followed by the online part, and the naive ones are far off', () => {
  const predictions = predictMonths(madeHours(6, (month) => (month % 2) * 4));
  const error = (which: Parameters<typeof meanError>[1]): number => meanError(predictions, which);
  expect(error('onlineC')).toBeLessThan(1);
  expect(error('modelC')).toBeGreaterThan(1.5);
  for (const naive of ['trainMeanC', 'lastMonthMeanC', 'lastHourC'] as const) {
    expect(error(naive)).toBeGreaterThan(8);
  }
});

test('a rise never falls', () => {
  const { rise } = riseOf([20, 0.1, -0.5, 0, 0, 0], { idleW: 40, endW: 300 });
  const kelvins = rise.map(({ riseK }) => riseK);
  expect(kelvins).toEqual(kelvins.toSorted((a, b) => a - b));
});
