import { describe, expect, it } from '@jest/globals';
import { emergencyOf, type InjectionFlags } from './emergency-of.ts';

describe('what is injected', () => {
  it.each<[string, InjectionFlags, object]>([
    [
      'cooling-failure',
      { aisle: 'A', to: 0.9 },
      { kind: 'cooling', toShare: 0.9, scope: { kind: 'aisle', id: 'A' }, forS: 0 },
    ],
    ['cooling-failure', { to: 0.5, for: 60 }, { kind: 'cooling', toShare: 0.5, forS: 60 }],
    [
      'ahu-loss',
      { aisle: 'A', ahu: '2' },
      { kind: 'ahu', scope: { kind: 'aisle', id: 'A/2' }, forS: 0 },
    ],
    ['power-cut', { to: 0.75 }, { kind: 'power', toShare: 0.75, forS: 0 }],
    ['ups-loss', { ups: 'u1' }, { kind: 'ups', scope: { kind: 'ups', id: 'u1' }, forS: 0 }],
    ['heat-wave', { by: 12, for: 3600 }, { kind: 'heat_wave', byK: 12, forS: 3600 }],
  ])('%s %j', (name, flags, expected) => {
    expect(emergencyOf(name, flags)).toEqual(expected);
  });

  it.each<[string, InjectionFlags, RegExp]>([
    ['fire', {}, /"fire" cannot be injected; cooling-failure, .* can/],
    ['cooling-failure', { aisle: 'A' }, /needs --to/],
    ['ahu-loss', { aisle: 'A' }, /needs --ahu/],
    ['ups-loss', {}, /needs --ups/],
    ['heat-wave', {}, /needs --by/],
    ['ups-loss', { ups: 'u1', to: 0.5 }, /--to says nothing of ups-loss, which takes --ups, --for/],
  ])('refuses %s %j', (name, flags, why) => {
    expect(() => emergencyOf(name, flags)).toThrow(why);
  });
});
