import type { Clock } from '@isotherm/kernel';
import { writtenTrace } from '@isotherm/policy';
import type { Note, NoteFacts, NoteKind, Placement } from './note.ts';

/** What was decided about one request, in the order in which it was. */
export interface DecisionRecord {
  note(kind: NoteKind, facts?: NoteFacts): void;
  /** A choice of an instance, with its trace. */
  place(placement: Placement, facts?: NoteFacts): void;
}

export interface RecordedRequest {
  readonly requestId: string;
  readonly notes: readonly Note[];
  /** Notes that came after the bound was reached; the last one is always there. */
  readonly notesLeftOut: number;
}

/** The records of the requests that this router handled last. */
export interface RecordBook {
  /** Begins the record of a request; the oldest one goes when there is no room. */
  open(requestId: string): DecisionRecord;
  /** The record of a request; of one that is unknown or has gone, one that keeps nothing. */
  of(requestId: string): DecisionRecord;
  read(requestId: string): RecordedRequest | undefined;
  readonly count: number;
}

export interface RecordBounds {
  /** Most requests remembered; 0 remembers none. */
  readonly tracesMax: number;
  /** Most instances of one placement. */
  readonly traceInstancesMax: number;
}

/** Most notes of one request; a request of many media and many attempts has a few dozen. */
const notesMax = 128;

interface Entry extends DecisionRecord {
  read(): Omit<RecordedRequest, 'requestId'>;
}

export const createRecordBook = (
  { tracesMax, traceInstancesMax }: RecordBounds,
  clock: Pick<Clock, 'nowMs'>,
): RecordBook => {
  // A Map keeps the order of insertion: the first is the oldest.
  const entries = new Map<string, Entry>();
  return {
    open: (requestId) => {
      if (tracesMax === 0) return nothingKept;
      for (const oldest of entries.keys()) {
        if (entries.size < tracesMax) break;
        entries.delete(oldest);
      }
      const entry = createEntry(traceInstancesMax, clock);
      entries.set(requestId, entry);
      return entry;
    },
    of: (requestId) => entries.get(requestId) ?? nothingKept,
    read: (requestId) => {
      const entry = entries.get(requestId);
      return entry === undefined ? undefined : { requestId, ...entry.read() };
    },
    get count() {
      return entries.size;
    },
  };
};

const nothingKept: DecisionRecord = { note: () => undefined, place: () => undefined };

const createEntry = (traceInstancesMax: number, clock: Pick<Clock, 'nowMs'>): Entry => {
  const notes: Note[] = [];
  let leftOut = 0;
  const add = (note: Note): void => {
    if (notes.length >= notesMax) {
      // How it ended matters more than what came just before.
      notes.pop();
      leftOut += 1;
    }
    notes.push(note);
  };
  return {
    note: (kind, facts = {}) => add({ kind, atMs: clock.nowMs(), facts }),
    place: ({ stage, picked, trace }, facts = {}) =>
      add({
        kind: picked === undefined ? 'no_instance' : 'placed',
        atMs: clock.nowMs(),
        facts,
        placement: { stage, picked, ...writtenTrace(trace, picked, traceInstancesMax) },
      }),
    read: () => ({ notes: [...notes], notesLeftOut: leftOut }),
  };
};
