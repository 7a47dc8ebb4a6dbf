import { describe, expect, it } from '@jest/globals';
import type { Load } from '@isotherm/proto';
import { loadOf } from './instance-watch.ts';

const load = { clockShare: 0, powerW: 0, precision: 'int8' } as unknown as Load;
const at = (busyMs: number, jobMs: number, monotonicMs: number) => ({ busyMs, jobMs, monotonicMs });

describe('the load of an instance', () => {
  it('is what its counters grew by', () => {
    const found = loadOf(load, at(150, 300, 1_200), at(100, 100, 1_000), 7);
    expect(found).toMatchObject({
      utilisation: 0.25,
      batch: 4,
      clockShare: 1,
      precision: 'int8',
      atMs: 7,
    });
  });

  it('is never more than all of the time', () => {
    expect(loadOf(load, at(900, 900, 200), at(0, 0, 100), 0)?.utilisation).toBe(1);
  });

  it('is unknown at the first look, and where counters begin anew', () => {
    expect(loadOf(load, at(100, 100, 10), undefined, 0)).toBeUndefined();
    expect(loadOf(load, at(5, 5, 20), at(100, 100, 10), 0)).toBeUndefined();
    expect(loadOf(load, at(100, 100, 10), at(100, 100, 10), 0)).toBeUndefined();
  });
});
