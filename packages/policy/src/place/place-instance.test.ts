import { describe, expect, it } from '@jest/globals';
import { seededRandom, stages } from '@isotherm/kernel';
import fc from 'fast-check';
import { exampleLevel, exampleParent } from '../headroom/example-room.ts';
import type { LevelState } from '../headroom/level.ts';
import type { PlaceDecision, PlaceRoom, PlaceServer, PlaceWork } from './contract.ts';
import { exampleGpu, exampleLevels, exampleServer } from './example-placement.ts';
import { placeDefaults, placeInstance } from './place-instance.ts';

const serverOf = (decision: PlaceDecision) =>
  decision.kind === 'placed' ? decision.place.server : decision.reason;
const one: PlaceWork = { tenant: 'adjustable', gpus: 1, stage: 'prefill', peakW: 350 };

describe('placing', () => {
  const servers = [exampleServer('warm', [exampleGpu(0, 65)]), exampleServer('x', [exampleGpu(0)])];
  const room = { servers, levels: exampleLevels(['warm', 'x']) };

  it('puts hot work on the cool server, and says why', () => {
    const decision = placeInstance(one, room);
    expect(serverOf(decision)).toBe('x');
    const { scores } = decision.trace;
    expect(scores['x']?.['total']).toBeGreaterThan(scores['warm']?.['total'] ?? NaN);
  });

  it('is the baseline with the lever off', () => {
    expect(serverOf(placeInstance(one, room, { place: false }))).toBe('warm');
  });

  it.each([0, -1, 1.5, NaN])('places nothing on %d GPUs', (gpus) => {
    for (const place of [true, false]) {
      expect(serverOf(placeInstance({ ...one, gpus }, room, { place }))).toBe('all_dropped');
    }
  });

  it('rejects with the reason', () => {
    expect(serverOf(placeInstance(one, { servers: [], levels: [] }))).toBe('no_server');
    const full = { ...room, levels: exampleLevels(['warm', 'x'], { 'ups:u': { peakW: 999 } }) };
    const decision = placeInstance(one, full);
    expect(serverOf(decision)).toBe('all_dropped');
    expect(decision.trace.dropped).toEqual({
      warm: { validator: 'ups-power', at: 'ups:u' },
      x: { validator: 'ups-power', at: 'ups:u' },
    });
  });
});

const serverIds = ['s0', 's1', 's2', 's3'];
const watts = (max: number) =>
  fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: 0, max }) },
    { weight: 1, arbitrary: fc.constant(NaN) },
  );
const level = (kind: LevelState['level'], id: string, ...parents: readonly string[]) =>
  fc
    .record({ peakW: watts(800), limitW: watts(5000), adjustablePeakW: watts(800) })
    .map((different) =>
      exampleLevel(kind, id, { ...different, parents: parents.map((key) => exampleParent(key)) }),
    );
const levelsOf = fc.tuple(
  ...serverIds.map((id, row) => level('server', id, `rack:k${row % 3}`)),
  ...[level('rack', 'k0', 'row:r0'), level('rack', 'k1', 'row:r0'), level('rack', 'k2', 'row:r1')],
  ...[level('row', 'r0', 'ups:u0', 'aisle:a'), level('row', 'r1', 'ups:u1', 'aisle:a')],
  ...[level('ups', 'u0'), level('ups', 'u1'), level('aisle', 'a')],
);
const gpuOf = fc.tuple(
  fc.integer({ min: 20, max: 90 }),
  fc.integer({ min: 20, max: 90 }),
  fc.boolean(),
);
const serversOf = fc.array(fc.array(gpuOf, { maxLength: 4 }), { maxLength: 4 }).map((all) =>
  all.map((gpus, row): PlaceServer =>
    exampleServer(
      serverIds[row] ?? '',
      gpus.map(([coreC, memoryC, free], index) => exampleGpu(index, coreC, memoryC, free)),
    ),
  ),
);
const roomOf = fc.record({ servers: serversOf, levels: levelsOf });
const workOf: fc.Arbitrary<PlaceWork> = fc.record({
  tenant: fc.constantFrom('opaque', 'adjustable'),
  stage: fc.constantFrom(...stages),
  gpus: fc.integer({ min: 1, max: 3 }),
  peakW: fc.integer({ min: 0, max: 1200 }),
});

/** Slow and obvious: whether any limit would be met, from the list of what is above each server. */
const fits = (decision: PlaceDecision, work: PlaceWork, room: PlaceRoom): boolean => {
  if (decision.kind !== 'placed') return true;
  const { server, gpus } = decision.place;
  const rack = serverIds.indexOf(server) % 3;
  const row = rack === 2 ? 'r1' : 'r0';
  const above = [
    `server ${server}`,
    `rack k${rack}`,
    `row ${row}`,
    `ups u${row.slice(1)}`,
    'aisle a',
  ];
  const added = work.peakW ?? NaN;
  const { marginShare, marginK } = placeDefaults;
  const powered = room.levels
    .filter((each) => above.includes(`${each.level} ${each.id}`))
    .every(({ peakW, limitW }) => peakW + added <= limitW * (1 - marginShare));
  const own = room.servers.find(({ id }) => id === server)?.gpus ?? [];
  const taken = own.filter(({ index }) => gpus.includes(index));
  const cool = taken.every(({ free, core, memory }) =>
    [core, memory].every(
      (part) => free && part.peakC + (part.riseKPerW * added) / work.gpus <= part.limitC - marginK,
    ),
  );
  return powered && cool && taken.length === work.gpus;
};

const shuffled = <Item>(items: readonly Item[], seed: number): readonly Item[] => {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
};

describe('placing (properties)', () => {
  it('never meets a limit at any level, says why of all others, and changes nothing', () => {
    let placed = 0;
    fc.assert(
      fc.property(roomOf, workOf, (room, work) => {
        const before = JSON.stringify([room, work]);
        const decision = placeInstance(work, room);
        expect(JSON.stringify([room, work])).toBe(before);
        placed += decision.kind === 'placed' ? 1 : 0;
        const { dropped, scores } = decision.trace;
        const judged = Object.keys(dropped).length + Object.keys(scores).length;
        const bounded = Object.values(scores).every(({ total, ...own }) =>
          [...Object.values(own), (total ?? NaN) / 4].every((score) => score >= 0 && score <= 1),
        );
        return fits(decision, work, room) && bounded && judged === room.servers.length;
      }),
      { numRuns: 600 },
    );
    expect(placed).toBeGreaterThan(5);
  });

  it('does not depend on any order', () => {
    fc.assert(
      fc.property(roomOf, workOf, fc.nat(), ({ servers, levels }, work, seed) => {
        const mixed = { servers: shuffled(servers, seed), levels: shuffled(levels, seed + 1) };
        const decision = placeInstance(work, { servers, levels });
        expect(placeInstance(work, mixed)).toEqual(decision);
      }),
    );
  });
});
