import { describe, expect, it } from '@jest/globals';
import { defaultSloClasses, defaultTenantLimits } from '@isotherm/policy';
import { limitsOf, sloClassesSetting, tenantsSetting } from './class-settings.ts';

const tenantsOf = (raw: string) => {
  const parsed = tenantsSetting.parse(raw);
  if ('problem' in parsed && typeof parsed.problem === 'string') throw new Error(parsed.problem);
  return parsed as Exclude<typeof parsed, { problem: string }>;
};

describe('the settings of classes and tenants', () => {
  it('are laid over the defaults field by field', () => {
    expect(sloClassesSetting.parse('{"interactive": {"ttftMs": 500}}')).toEqual({
      ...defaultSloClasses,
      interactive: { ...defaultSloClasses.interactive, ttftMs: 500 },
    });
  });

  it.each([
    ['{"urgent": {}}', 'urgent'],
    ['{"batch": {"ttft": 1}}', 'ttft'],
    ['{"batch": {"ttftMs": -1}}', 'batch.ttftMs'],
    ['{"batch": {"placesShareMax": 0}}', 'batch.placesShareMax'],
    ['[', 'JSON object'],
  ])('refuse classes %s by name', (raw, named) => {
    expect(sloClassesSetting.parse(raw)).toEqual({ problem: expect.stringContaining(named) });
  });

  it('give a tenant its own entry, else that of all others, else the defaults', () => {
    const table = tenantsOf(
      '{"gold": {"weight": 4}, "*": {"tokensPerS": 100}, "capped": {"waitingMax": 2}}',
    );
    expect(limitsOf(table, 'gold')).toEqual({ ...defaultTenantLimits, weight: 4 });
    expect(limitsOf(table, 'anybody')).toMatchObject({ tokensPerS: 100, burstTokens: 1000 });
    expect(limitsOf(table, 'capped')).toEqual({ ...defaultTenantLimits, waitingMax: 2 });
    expect(limitsOf({}, 'toString')).toEqual(defaultTenantLimits);
  });

  it.each([
    ['{"a b": {}}', 'a b'],
    ['{"a": {"weight": 0}}', 'a.weight'],
    ['{"a": {"rate": 1}}', 'rate'],
    ['7', 'JSON object'],
  ])('refuse tenants %s by name', (raw, named) => {
    expect(tenantsSetting.parse(raw)).toEqual({ problem: expect.stringContaining(named) });
  });
});
