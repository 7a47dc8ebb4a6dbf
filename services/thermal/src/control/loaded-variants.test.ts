import { describe, expect, it } from '@jest/globals';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Variant } from '../profiles/profile-book.ts';
import { createLoadedVariants } from './loaded-variants.ts';

const fp32 = { model: 'panel', precision: 'fp32', threads: 1 };
const int8 = { ...fp32, precision: 'int8' };
const running = (loaded: Variant): PlacedInstance =>
  ({
    record: { id: 'one', model: 'panel', capacity: 8 },
    load: { ...loaded, batchMax: 0 },
  }) as unknown as PlacedInstance;

/** `before`: what was noted by an earlier service. */
const open = (before: ReadonlyMap<string, Variant> = new Map()) => {
  const noted = new Map(before);
  const variants = createLoadedVariants({
    noteLoad: (_, loaded, home) => void noted.set(loaded.precision, home),
    homeOf: (_, { precision }) => noted.get(precision),
  });
  const follow = (loaded: Variant, plantS: number, isFresh = false) =>
    variants.follow([running(loaded)], plantS, () => isFresh).map(({ runs }) => runs);
  return { variants, noted, follow };
};

describe('what instances have loaded', () => {
  it('goes back to what they were configured with', () => {
    const { variants, noted, follow } = open();
    expect(follow(fp32, 0)).toEqual([]);
    expect(variants.tell(running(fp32), fp32)).toBe(false);
    expect(variants.tell(running(fp32), int8)).toBe(true);
    expect(noted.get('int8')).toEqual(fp32);
    expect(follow(fp32, 1, true)).toEqual([]);
    expect(follow(int8, 20)).toEqual([]);
    expect(variants.homes.of(running(int8)).variant).toEqual(fp32);
    expect(variants.tell(running(int8), fp32)).toBe(true);
    expect(follow(fp32, 40)).toEqual([]);
  });

  it('is believed where it is not what they were told, and not asked for again for a while', () => {
    const { variants, follow } = open();
    follow(fp32, 0);
    variants.tell(running(fp32), int8);
    expect(follow(fp32, 5, true)).toEqual([]);
    expect(follow(fp32, 60)).toEqual([fp32]);
    expect(variants.isRefused('one', int8)).toBe(true);
    follow(fp32, 700);
    expect(variants.isRefused('one', int8)).toBe(false);
  });

  it('is what a person loads, from then on', () => {
    const { variants, follow } = open();
    follow(fp32, 0);
    follow(int8, 1);
    expect(variants.homes.of(running(int8)).variant).toEqual(int8);
  });

  it('is known to be told by an earlier service', () => {
    const { variants, follow } = open(new Map([['int8', fp32]]));
    expect(follow(int8, 0)).toEqual([int8]);
    expect(variants.homes.of(running(int8)).variant).toEqual(fp32);
    expect(follow(int8, 1)).toEqual([]);
    expect(variants.tell(running(int8), fp32)).toBe(true);
  });
});
