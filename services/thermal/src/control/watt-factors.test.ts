import { describe, expect, it } from '@jest/globals';
import { exampleRoom, initialRoom } from '@isotherm/plant';
import type { PlacedInstance } from '../instances/instance-book.ts';
import { entryRates } from '../profiles/entry-rates.ts';
import type { Round } from '../round/round.ts';
import { exampleProfile } from '../testing/example-profiles.ts';
import { createWattFactors } from './watt-factors.ts';

const now = initialRoom(exampleRoom());
const idleW = now.layout.gpus[0]?.kind.power.idleW ?? NaN;
const profile = exampleProfile();
const [entry] = profile.stages.filter(({ name }) => name === 'decode-bf16');
if (entry === undefined) throw new Error('a profile without decode');
const options = { targets: { firstMs: 0, tokenMs: 0 }, isResting: true };
const rates = entryRates(profile, entry, options);
/** Of each of eight GPUs, above idle, by the profile. */
const profiledW = 4200 / 8 - idleW;

const roundOf = (plantS: number, aboveIdleW: number, load: object, doubt = '') =>
  ({
    ...{ plantS, now },
    view: { gpus: Array.from({ length: 8 }, () => ({ powerW: idleW + aboveIdleW, doubt })) },
    instances: [
      {
        record: { id: 'one', stage: 'decode' },
        load: { utilisation: 1, batch: 8, clockShare: 1, ...load },
        gpus: [0, 1, 2, 3, 4, 5, 6, 7],
      } as unknown as PlacedInstance,
    ],
  }) as unknown as Round;

const taught = (aboveIdleW: number, load: object = {}, doubt = ''): number => {
  const factors = createWattFactors();
  for (let each = 0; each < 60; each += 1) {
    factors.follow(roundOf(each, aboveIdleW, load, doubt), () => rates);
  }
  return factors.of('one');
};

describe('how much more GPUs draw than a profile says', () => {
  it.each([
    ['as much', profiledW, {}, 1],
    ['half', profiledW / 2, {}, 0.5],
    ['half of the time', profiledW / 2, { utilisation: 0.5 }, 1],
    ['far too little', 0, {}, 0.25],
    ['far too much', 9 * profiledW, {}, 2],
    ['nothing to do', 0, { utilisation: 0.01 }, 1],
  ])('%s', (_, aboveIdleW, load, expected) => {
    expect(taught(aboveIdleW, load)).toBeCloseTo(expected);
  });

  it('counts a lower clock for what it leaves', () => {
    const slow = taught(profiledW / 2, { clockShare: 0.6 });
    expect(slow).toBeGreaterThan(0.5);
    expect(slow).toBeLessThan(1.1);
  });

  it('learns nothing of what is in doubt, and of who has no profile', () => {
    expect(taught(profiledW / 2, {}, 'no fresh power_w')).toBe(1);
    const factors = createWattFactors();
    factors.follow(roundOf(1, profiledW / 2, {}), () => undefined);
    expect(factors.of('one')).toBe(1);
  });
});
