import { describe, expect, it } from '@jest/globals';
import { askedByHeaders } from './who-asks.ts';

const asked = (headers: Readonly<Record<string, string>>) =>
  askedByHeaders((name) => headers[name]);

describe('who asks', () => {
  it('is what the headers say, and nothing where they do not', () => {
    expect(asked({ 'x-isotherm-tenant': 'a', 'x-isotherm-slo-class': 'batch' })).toEqual({
      ...{ tenant: 'a', sloClass: 'batch' },
    });
    expect(asked({})).toEqual({});
  });

  it.each([
    ['x-isotherm-tenant', ''],
    ['x-isotherm-tenant', 'a b'],
    ['x-isotherm-slo-class', 'urgent'],
    ['x-isotherm-slo-class', 'Batch'],
  ])('refuses %s: %j by its name', (param, value) => {
    expect(() => asked({ [param]: value })).toThrow(param);
  });
});
