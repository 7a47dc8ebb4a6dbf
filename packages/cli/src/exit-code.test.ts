import { describe, expect, it } from '@jest/globals';
import { errorLine } from './exit-code.ts';

describe('errorLine', () => {
  it('puts an error of several lines into one', () => {
    expect(errorLine(new Error('It broke:\n  a\n\n  b\n'))).toBe('isotherm: It broke: a b');
  });

  it('shows what is thrown without being an error', () => {
    expect(errorLine('no')).toBe('isotherm: no');
  });
});
