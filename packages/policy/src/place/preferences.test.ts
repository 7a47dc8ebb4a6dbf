import { describe, expect, it } from '@jest/globals';
import { indexLevels, sharesAbove } from '../headroom/level-index.ts';
import type { LevelState } from '../headroom/level.ts';
import type { PlaceCandidate, PlaceWeights, PlaceWork } from './contract.ts';
import { exampleGpu, exampleLevels, exampleServer } from './example-placement.ts';
import { placeDefaults } from './place-instance.ts';
import { placePreferences } from './preferences.ts';

const scoresOf = (
  name: keyof PlaceWeights,
  work: Partial<PlaceWork>,
  gpus: readonly PlaceCandidate['gpus'][number][],
  addedW: number,
  different: Readonly<Record<string, Partial<LevelState>>> = {},
) => {
  const ids = gpus.map((_, row) => `s${row}`);
  const index = indexLevels(exampleLevels(ids, different));
  const candidates = gpus.map((gpu, row): PlaceCandidate => {
    const server = exampleServer(`s${row}`, [gpu]);
    const shares = sharesAbove(index, { level: 'server', id: server.id });
    return { server, gpus: [gpu], addedW, shares };
  });
  const preference = placePreferences.find((each) => each.name === name);
  const given = { tenant: 'adjustable', gpus: 1, ...work } as const;
  return preference
    ?.score(candidates, given, index, placeDefaults)
    .map((score) => Number(score.toFixed(3)));
};

const [cool, warm] = [exampleGpu(0, 30), exampleGpu(0, 60)];

describe('coolServer', () => {
  it('sends hot work to the cool server and mild work to the warm one', () => {
    expect(scoresOf('coolServer', {}, [cool, warm], 400)).toEqual([1, 0]);
    expect(scoresOf('coolServer', {}, [cool, warm], 0)).toEqual([0, 1]);
  });

  it('parts nothing where all are alike', () => {
    expect(scoresOf('coolServer', {}, [warm, warm], 400)).toEqual([0.5, 0.5]);
  });
});

describe('stageHeat', () => {
  it('sends prefill to a cool core and decode to cool memory', () => {
    const gpus = [exampleGpu(0, 25, 55), exampleGpu(0, 55, 25)];
    expect(scoresOf('stageHeat', { stage: 'prefill' }, gpus, 0)).toEqual([1, 0.5]);
    expect(scoresOf('stageHeat', { stage: 'decode' }, gpus, 0)).toEqual([0.5, 1]);
  });
});

describe('mixTenants', () => {
  const mix = (tenant: PlaceWork['tenant'], adjustablePeakW?: number) => {
    const different = adjustablePeakW === undefined ? {} : { adjustablePeakW };
    return scoresOf('mixTenants', { tenant }, [cool], 500, { 'row:r': different })?.[0];
  };
  // The aisle is unknown, and in the middle: half of the score.
  it('prefers rows of the other kind', () => {
    expect(mix('adjustable', 0)).toBe(0.5);
    expect(mix('adjustable', 500)).toBe(0.25);
    expect(mix('opaque', 500)).toBe(0.5);
    expect(mix('opaque', 0)).toBe(0.25);
  });

  it('is in the middle where nobody knows', () => {
    expect(mix('opaque')).toBe(0.5);
  });
});

describe('roomLeft', () => {
  it('is what the tightest level has left', () => {
    const tight = { 'rack:k-s1': { peakW: 800 } };
    expect(scoresOf('roomLeft', {}, [cool, cool], 100, tight)).toEqual([0.4, 0.1]);
    expect(scoresOf('roomLeft', {}, [cool], 100, { 'ups:u': { limitW: 0 } })).toEqual([0]);
  });
});
