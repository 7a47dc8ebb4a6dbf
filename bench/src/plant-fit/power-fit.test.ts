import { expect, test } from '@jest/globals';
import { fitPower, leaveGroupsOut, leaveTenthsOut, servingSample } from './power-fit.ts';

/** Our own configurations: power by batch and GPUs, and a family that is out of line. */
const made = (['one', 'two', 'odd'] as const).flatMap((family) =>
  [1, 4, 16, 64].flatMap((batch) =>
    [1, 2, 4].map((gpus) => ({
      ...{ family, task: 'chat', gpu: 'H100', batch, gpus },
      ...{ activeParametersB: 8, totalParametersB: 8, isLowPrecision: false },
      powerShare:
        0.5 + 0.05 * Math.log2(batch) - 0.05 * Math.log2(gpus) + (family === 'odd' ? 0.2 : 0),
    })),
  ),
);

test('coefficients come back', () => {
  const model = fitPower(made.filter(({ family }) => family !== 'odd').map(servingSample));
  expect(model[0]).toBeCloseTo(0.5, 2);
  expect(model[1]).toBeCloseTo(0.05, 2);
  expect(model[2]).toBeCloseTo(-0.05, 2);
});

test('a family that is out of line is found by leaving it out, and hidden by leaving tenths out', () => {
  const byFamily = leaveGroupsOut(made.map(servingSample));
  const tenths = leaveTenthsOut(made.map(servingSample));
  expect(byFamily.byGroup['odd']?.errorShare).toBeGreaterThan(0.2);
  expect(tenths.errorShare).toBeLessThan(byFamily.errorShare);
  expect(byFamily.count).toBe(made.length);
  expect(byFamily.errorShare).toBeLessThan(byFamily.naiveErrorShare);
});
