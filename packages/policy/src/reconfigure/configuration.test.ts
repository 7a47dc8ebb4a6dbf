import { describe, expect, it } from '@jest/globals';
import { configurationKey, needsReload } from './configuration.ts';
import { exampleConfiguration } from './example-plan.ts';

describe('a configuration', () => {
  it('reads as its knobs', () => {
    const clocked = exampleConfiguration({ clockShare: 0.8 });
    expect(configurationKey(clocked)).toBe('panel fp32 tp1 b8 c0.80');
    expect(configurationKey({ ...clocked, threads: 2 })).toBe('panel fp32 tp1 t2 b8 c0.80');
  });

  it.each([
    [{ clockShare: 0.5 }, false],
    [{ batchMax: 1 }, false],
    [{ precision: 'int8' }, true],
    [{ parallelism: 2 }, true],
    [{ model: 'smaller' }, true],
    [{ threads: 2 }, true],
  ])('%j needs a reload: %p', (different, reload) => {
    const to = exampleConfiguration(different);
    expect(needsReload(exampleConfiguration(), to)).toBe(reload);
  });
});
