import { describe, expect, it } from '@jest/globals';
import { createCatalog } from './catalog.ts';
import { exampleConfiguration, exampleKeys, exampleProfiles } from './example-plan.ts';

describe('a catalog', () => {
  const catalog = createCatalog(exampleProfiles);
  const from = (different: Parameters<typeof exampleConfiguration>[0]) =>
    catalog.worthwhileFrom(exampleConfiguration(different)).map(({ key }) => key);

  it('offers what needs no reload, even where something that does is better', () => {
    const [best, slower, slow, int8, small] = exampleKeys;
    expect(new Set(from({}))).toEqual(new Set([best, slower, slow, int8, small]));
    expect(new Set(from({ precision: 'int8' }))).toEqual(new Set([slow, int8, small]));
  });

  it('looks once for all that have loaded the same', () => {
    const configuration = exampleConfiguration({ clockShare: 0.8 });
    expect(catalog.worthwhileFrom(configuration)).toBe(
      catalog.worthwhileFrom(exampleConfiguration()),
    );
  });

  it('finds profiles by key', () => {
    expect(catalog.byKey.get(exampleKeys[3])?.profile).toBe(exampleProfiles[3]);
    expect(catalog.byKey.get('stranger')).toBeUndefined();
  });
});
