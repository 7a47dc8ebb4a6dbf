import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSeats } from './seats.ts';

it('seats are a list of who goes when, with contexts that grow (property)', () => {
  const command = fc.record({ station: fc.nat(1), steps: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const seats = createSeats(2, 8);
      const models: { job: number; left: number; context: number }[][] = [[], []];
      commands.forEach(({ station, steps }, job) => {
        const model = models[station] ?? [];
        if (model.length < 8) {
          seats.sit(station, job, 100 + job, steps);
          model.push({ job, left: steps, context: 100 + job });
        }
        const next = Math.min(...model.map(({ left }) => left));
        expect(seats.stepsToNext(station)).toBe(next);
        seats.advance(station, next);
        for (const each of model) {
          each.left -= next;
          each.context += next;
        }
        const gone: number[] = [];
        for (let who = seats.leave(station); who >= 0; who = seats.leave(station)) gone.push(who);
        const leavers = model.filter(({ left }) => left <= 0).map(({ job: who }) => who);
        expect(gone.toSorted((a, b) => a - b)).toEqual(leavers);
        const stay = model.filter(({ left }) => left > 0);
        models[station] = stay;
        expect(seats.taken(station)).toBe(stay.length);
        const context = stay.reduce((sum, each) => sum + each.context, 0);
        expect(seats.context(station)).toBe(context);
      });
    }),
  );
});
