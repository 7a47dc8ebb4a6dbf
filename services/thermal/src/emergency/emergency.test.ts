import { describe, expect, it } from '@jest/globals';
import { exampleRoom } from '@isotherm/plant';
import { indexRoom } from '../topology/room-index.ts';
import { checkEmergency, type RawEmergency } from './check-emergency.ts';
import { createEmergencyBook } from './emergency-book.ts';
import { disturbancesOf, warmerKOf } from './emergency.ts';

const index = indexRoom(exampleRoom());

const raw = (different: Partial<RawEmergency>): RawEmergency => ({
  ...{ kind: 'cooling', scope: null, toShare: 0.9, byK: 0, forS: 0 },
  ...different,
});

describe('an emergency', () => {
  it.each<[string, Partial<RawEmergency>, string]>([
    ['of no kind', { kind: 'fire' }, 'emergency.kind'],
    ['of an aisle that is none', { scope: { kind: 'aisle', id: 'a9' } }, 'emergency.scope.id'],
    ['of a level that it cannot strike', { scope: { kind: 'row', id: 'r1' } }, 'emergency.scope'],
    ['that loses nothing', { toShare: 1 }, 'emergency.to_share'],
    ['that leaves more than there was', { toShare: 3 }, 'emergency.to_share'],
    ['of no number', { toShare: Number.NaN }, 'emergency.to_share'],
    ['of a UPS that is not named', { kind: 'ups' }, 'emergency.scope'],
    [
      'of a UPS that is none',
      { kind: 'ups', scope: { kind: 'ups', id: 'u9' } },
      'emergency.scope.id',
    ],
    [
      'of an AHU in another aisle',
      { kind: 'ahu', scope: { kind: 'aisle', id: 'a2/a1-ahu1' } },
      'emergency.scope.id',
    ],
    ['of cold', { kind: 'heat_wave', byK: -5 }, 'emergency.by_k'],
    ['of hellfire', { kind: 'heat_wave', byK: 400 }, 'emergency.by_k'],
    ['that ends before it begins', { forS: -1 }, 'emergency.for_s'],
  ])('%s is refused', (_, different, param) => {
    expect(() => checkEmergency(raw(different), index)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param }),
    );
  });

  it.each<[Partial<RawEmergency>, string]>([
    [{ scope: { kind: 'aisle', id: 'a9' } }, 'The room has no aisle a9; it has a1, a2.'],
    [
      { kind: 'ahu', scope: { kind: 'ahu', id: 'x' } },
      'The room has no ahu x; it has a1/a1-ahu1, a1/a1-ahu2, a1/a1-ahu3, a2/a2-ahu1, a2/a2-ahu2, a2/a2-ahu3.',
    ],
  ])('of what is not there is told what is: %j', (different, message) => {
    expect(() => checkEmergency(raw(different), index)).toThrow(message);
  });

  it('lists no more than is read', () => {
    const hall = indexRoom(exampleRoom({ aisles: 10 }));
    const nowhere = raw({ scope: { kind: 'aisle', id: 'x' } });
    expect(() => checkEmergency(nowhere, hall)).toThrow(/a7, a8 and 2 more\.$/);
  });

  it.each<[string, Partial<RawEmergency>, unknown]>([
    [
      'cooling of the room',
      {},
      [
        { kind: 'cooling', aisle: 'a1', share: 0.9 },
        { kind: 'cooling', aisle: 'a2', share: 0.9 },
      ],
    ],
    [
      'cooling of an aisle',
      { scope: { kind: 'aisle', id: 'a2' } },
      [{ kind: 'cooling', aisle: 'a2', share: 0.9 }],
    ],
    [
      'an AHU by its aisle',
      { kind: 'ahu', scope: { kind: 'aisle', id: 'a1/a1-ahu2' } },
      [{ kind: 'ahu', ahu: 'a1-ahu2' }],
    ],
    ['all power', { kind: 'power', toShare: 0.75 }, [{ kind: 'power', share: 0.75 }]],
    [
      'power of a row',
      { kind: 'power', toShare: 0.75, scope: { kind: 'row', id: 'r1' } },
      [{ kind: 'power', share: 0.75, row: 'r1' }],
    ],
    ['a UPS', { kind: 'ups', scope: { kind: 'ups', id: 'u1' } }, [{ kind: 'ups', ups: 'u1' }]],
    ['a heat wave', { kind: 'heat_wave', byK: 8 }, []],
  ])('%s disturbs what it strikes', (_, different, disturbances) => {
    const emergency = checkEmergency(raw(different), index);
    expect(disturbancesOf([emergency], index)).toEqual(disturbances);
    expect(warmerKOf([emergency])).toBe(different.byK ?? 0);
  });
});

describe('the book of emergencies', () => {
  const open = () => {
    const time = { s: 0 };
    const book = createEmergencyBook({ nowMs: () => 5, plantS: () => time.s, timeScale: 1 });
    return { time, book };
  };
  const heat = checkEmergency(raw({ kind: 'heat_wave', byK: 8, forS: 60 }), index);
  const power = checkEmergency(raw({ kind: 'power', toShare: 0.75 }), index);

  it('ends one when its time is over, by the time of the plant', () => {
    const { time, book } = open();
    book.declare(heat);
    time.s = 59;
    expect(book.active()).toHaveLength(1);
    time.s = 60;
    expect(book.active()).toEqual([]);
  });

  it('clears one, or all, and says what is none', () => {
    const { book } = open();
    const [one, two] = [book.declare(heat), book.declare(power)];
    expect(book.clear(one.id)).toEqual([one]);
    expect(() => book.clear(one.id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(book.clear('')).toEqual([two]);
    expect(book.clear('')).toEqual([]);
  });

  it('is bounded', () => {
    const { book } = open();
    expect(() => {
      for (let each = 0; each < 100; each += 1) book.declare(power);
    }).toThrow(expect.objectContaining({ code: 'saturated' }));
  });
});
