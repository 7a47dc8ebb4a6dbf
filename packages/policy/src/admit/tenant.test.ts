import { describe, expect, it } from '@jest/globals';
import { defaultTenant, isTenantName } from './tenant.ts';

describe('the name of a tenant', () => {
  it.each([defaultTenant, 'a', 'team-7.eu_west', 'x'.repeat(64)])('may be %s', (name) => {
    expect(isTenantName(name)).toBe(true);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'ä', 'a\n', 'a/b', '\u0000'])('may not be %j', (name) => {
    expect(isTenantName(name)).toBe(false);
  });
});
