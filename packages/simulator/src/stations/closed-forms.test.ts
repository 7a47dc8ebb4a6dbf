import { describe, expect, it } from '@jest/globals';
import { closedForms, simulatedMean } from './closed-forms.ts';

/**
 * Every other form and 60,000 requests: means are within three standard errors of the theory by batches of 4,000 (a wait depends on the one before
 * it). `npm run bench -- simulator` runs all, a million requests each, and asks for 1 %.
 */
describe('stations against closed forms', () => {
  it.each(
    closedForms.filter((_, index) => index % 2 === 1).map((form) => [form.name, form] as const),
  )('%s', (_, form) => {
    const { mean, standardError } = simulatedMean(form, 60_000, 1);
    expect(Math.abs(mean - form.meanMs)).toBeLessThan(3 * standardError + form.biasMs);
    expect(standardError / form.meanMs).toBeLessThan(0.04);
  });
});
