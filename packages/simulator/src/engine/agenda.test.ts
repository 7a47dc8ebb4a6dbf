import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAgenda } from './agenda.ts';

const drained = (agenda: ReturnType<typeof createAgenda>): readonly number[] => {
  const order: number[] = [];
  for (let actor = agenda.take(); actor >= 0; actor = agenda.take()) order.push(actor);
  return order;
};

describe('an agenda', () => {
  it('calls whoever is due first, and at equal times the lower number', () => {
    const agenda = createAgenda(1);
    for (const [actor, atMs] of [
      [4, 5],
      [2, 5],
      [7, 1],
      [0, 9],
    ] as const) {
      agenda.schedule(actor, atMs);
    }
    expect(agenda.nextMs).toBe(1);
    expect(drained(agenda)).toEqual([7, 2, 4, 0]);
    expect(agenda.nextMs).toBe(Infinity);
  });

  it('has one time of each actor: the last that it asked for', () => {
    const agenda = createAgenda();
    agenda.schedule(1, 10);
    agenda.schedule(2, 5);
    agenda.schedule(1, 1);
    agenda.schedule(2, 50);
    agenda.schedule(3, 7);
    agenda.cancel(3);
    agenda.cancel(99);
    expect(drained(agenda)).toEqual([1, 2]);
  });

  it('takes out who has begun at its end, unless it has asked for another time', () => {
    const agenda = createAgenda();
    agenda.schedule(0, 5);
    agenda.schedule(1, 1);
    agenda.schedule(2, 1);
    expect(agenda.begin()).toBe(1);
    agenda.schedule(1, 7);
    agenda.end();
    expect(agenda.begin()).toBe(2);
    // An actor with a lower number, at the same time, does not get in its way.
    agenda.schedule(0, 1);
    agenda.end();
    expect(agenda.begin()).toBe(0);
    agenda.cancel(0);
    agenda.end();
    expect(drained(agenda)).toEqual([1]);
    expect(agenda.begin()).toBe(-1);
    agenda.end();
  });

  it('does as a sorted list does, whatever is asked of it (property)', () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('schedule'), actor: fc.nat(40), atMs: fc.nat(20) }),
      fc.record({ kind: fc.constant('cancel'), actor: fc.nat(40), atMs: fc.constant(0) }),
      fc.record({ kind: fc.constant('take'), actor: fc.constant(0), atMs: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
        const agenda = createAgenda(2);
        const model = new Map<number, number>();
        const first = () =>
          [...model].toSorted((a, b) => a[1] - b[1] || a[0] - b[0])[0] ?? [-1, Infinity];
        for (const { kind, actor, atMs } of commands) {
          const [next, nextMs] = first();
          expect(agenda.nextMs).toBe(nextMs);
          if (kind === 'schedule') {
            agenda.schedule(actor, atMs);
            model.set(actor, atMs);
          } else if (kind === 'cancel') {
            agenda.cancel(actor);
            model.delete(actor);
          } else {
            expect(agenda.take()).toBe(next);
            model.delete(next);
          }
        }
      }),
    );
  });
});
