import { describe, expect, it } from '@jest/globals';
import { instanceId, manualClock } from '@isotherm/kernel';
import type { InstanceView, RouteTrace } from '@isotherm/policy';
import { createRecordBook, type RecordBounds } from './record-book.ts';

const clock = manualClock(1000);
const bookOf = (different: Partial<RecordBounds> = {}) =>
  createRecordBook({ tracesMax: 2, traceInstancesMax: 3, ...different }, clock);

const viewOf = (id: string): InstanceView => ({
  ...{ id: instanceId(id), stage: 'decode', model: 'panel', ready: true, capacity: 1 },
  ...{ contextMax: 512, bookedTokens: 0, reportedTokens: 0, kvBytes: 0, kvBytesMax: 0 },
  cacheKeys: new Set(),
});

const traceOfNobody: RouteTrace = {
  ...{ kept: [], columns: [], totals: [] },
  ...{ dropped: [viewOf('away')], droppedBy: ['ready'] },
};

describe('the record book', () => {
  it('gives back what was noted of a request, in order and with its time', () => {
    const book = bookOf();
    const record = book.open('request');
    record.note('admitted', { model: 'panel' });
    clock.advance(5);
    book.of('request').note('finished');
    const notes = book.read('request')?.notes;
    expect(notes?.map(({ kind, facts }) => [kind, facts])).toEqual([
      ['admitted', { model: 'panel' }],
      ['finished', {}],
    ]);
    expect((notes?.[1]?.atMs ?? 0) - (notes?.[0]?.atMs ?? 0)).toBe(5);
  });

  it('forgets the oldest request when there is no room, and takes notes of it no more', () => {
    const book = bookOf();
    for (const id of ['first', 'second', 'third']) book.open(id).note('admitted');
    expect(book.count).toBe(2);
    expect(book.read('first')).toBeUndefined();
    book.of('first').note('finished');
    expect(book.read('first')).toBeUndefined();
    expect(book.read('third')?.notes).toHaveLength(1);
  });

  it('keeps nothing when it has no room at all', () => {
    const book = bookOf({ tracesMax: 0 });
    book.open('request').note('admitted');
    expect([book.count, book.read('request')]).toEqual([0, undefined]);
  });

  it('bounds the notes of a request and keeps how it ended', () => {
    const book = bookOf();
    const record = book.open('request');
    for (let i = 0; i < 500; i++) record.note('attempt_failed', { i });
    record.note('failed', { code: 'unavailable' });
    const read = book.read('request');
    expect(read?.notes).toHaveLength(128);
    expect(read?.notes.at(-1)).toMatchObject({ kind: 'failed' });
    expect(read?.notesLeftOut).toBe(501 - 128);
  });

  it('keeps who was picked and who was best of a large fleet, and says how many it left out', () => {
    const book = bookOf();
    const kept = Array.from({ length: 100 }, (_, i) => viewOf(`i${i}`));
    const totals = kept.map((_, i) => i / 100);
    const trace = { ...traceOfNobody, kept, totals };
    book.open('request').place({ stage: 'decode', picked: instanceId('i7'), trace });
    const placement = book.read('request')?.notes[0]?.placement;
    expect(Object.keys(placement?.scores ?? {})).toEqual(['i7', 'i99', 'i98']);
    expect(placement?.instancesLeftOut).toBe(98);
    expect(placement?.dropped).toEqual({});
  });

  it('names a placement that found nobody as such', () => {
    const book = bookOf();
    const trace = traceOfNobody;
    book.open('request').place({ stage: 'decode', picked: undefined, trace });
    expect(book.read('request')?.notes[0]).toMatchObject({
      kind: 'no_instance',
      placement: { dropped: { away: 'ready' }, instancesLeftOut: 0 },
    });
  });
});
