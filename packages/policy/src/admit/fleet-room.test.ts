import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backlogMsOf, fleetHasRoom, hasPlace, placesOf, stageHasRoom } from './fleet-room.ts';
import { defaultSloClasses } from './slo-class.ts';
import { observeJob, unknownSpeed } from './stage-speed.ts';

/** A stage that takes 20 ms a job. */
const known = Array.from({ length: 20 }, () => ({ tokens: 100, ms: 20 })).reduce(
  observeJob,
  unknownSpeed,
);
const idle = { instances: 1, capacity: 1, jobs: 0, tokens: 0, speed: known };

describe('the room of a fleet', () => {
  it.each([
    { name: 'an idle stage', load: idle, room: true },
    { name: 'a short backlog', load: { ...idle, jobs: 2, tokens: 200 }, room: true },
    { name: 'a long one', load: { ...idle, jobs: 3, tokens: 300 }, room: false },
    {
      name: 'a long one over more instances',
      load: { ...idle, instances: 2, jobs: 3, tokens: 300 },
      room: true,
    },
    {
      name: 'a batch that is not full',
      load: { ...idle, capacity: 8, jobs: 7, tokens: 700 },
      room: true,
    },
    { name: 'no instance', load: { ...idle, instances: 0, jobs: 99, tokens: 9900 }, room: true },
    {
      name: 'unknown speed, few jobs',
      load: { ...idle, jobs: 3, speed: unknownSpeed },
      room: true,
    },
    {
      name: 'unknown speed, many',
      load: { ...idle, jobs: 4, speed: unknownSpeed },
      room: false,
    },
  ])('$name: $room', ({ load, room }) => {
    expect(stageHasRoom(load, 50)).toBe(room);
  });

  it('asks of each request only the stages that it needs, and of all a place', () => {
    const full = { ...idle, jobs: 9, tokens: 900 };
    const places = { taken: 1, count: 2 };
    const text = { encodeJobs: 0, prefillTokens: 10 };
    const load = { encode: full, prefill: idle };
    expect(fleetHasRoom(load, places, text, 50)).toBe(true);
    expect(fleetHasRoom(load, places, { ...text, encodeJobs: 1 }, 50)).toBe(false);
    expect(fleetHasRoom({ ...load, prefill: full }, places, text, 50)).toBe(false);
    const whole = { encodeJobs: 0, prefillTokens: 0 };
    expect(fleetHasRoom({ ...load, prefill: full }, places, whole, 50)).toBe(true);
    expect(fleetHasRoom(load, { taken: 1, count: 1 }, text, 50)).toBe(false);
  });

  it('divides the backlog by the instances', () => {
    expect(backlogMsOf({ ...idle, instances: 2, jobs: 4, tokens: 400 })).toBeCloseTo(40);
    expect(backlogMsOf(idle, { jobs: 1, tokens: 100 })).toBeCloseTo(20);
  });

  it('gives one of two routers its part, and its backlog the time that the part takes', () => {
    const half = { ...idle, instances: 0.5, capacity: 0.5 };
    expect(stageHasRoom(half, 50)).toBe(true);
    expect(backlogMsOf({ ...half, jobs: 1, tokens: 100 })).toBeCloseTo(40);
    expect(stageHasRoom({ ...half, jobs: 2, tokens: 200 }, 50)).toBe(false);
  });

  it('never lets a class have more than its share, nor less than one place (property)', () => {
    const decode = { instances: 1, steps: unknownSpeed, perSequence: 1 };
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (count, placesShareMax) => {
          const batch = { ...defaultSloClasses.batch, placesShareMax };
          const classes = { ...defaultSloClasses, batch };
          let taken = 0;
          const free = (): boolean => {
            const takenBy = { interactive: 0, standard: 0, batch: taken };
            return hasPlace(placesOf('batch', classes, { taken, takenBy, count, decode }));
          };
          while (free()) taken += 1;
          expect(taken).toBe(Math.max(1, Math.ceil(count * placesShareMax)));
        },
      ),
    );
  });
});
