import { describe, expect, it } from '@jest/globals';
import { isoDurationS } from './iso-duration.ts';

describe('an ISO 8601 duration', () => {
  it.each([
    ['PT0S', 0],
    ['PT1M30S', 90],
    ['P1DT2H3M4.5S', 93_784.5],
    ['P2D', 172_800],
    ['PT0.000001S', 1e-6],
  ])('%s is %d s', (text, seconds) => {
    expect(isoDurationS(text)).toBeCloseTo(seconds, 9);
  });

  it.each(['', 'P', 'PT', '90', 'PT-1S', 'P1Y', 'PT1S '])('is not %j', (text) => {
    expect(isoDurationS(text)).toBeUndefined();
  });
});
