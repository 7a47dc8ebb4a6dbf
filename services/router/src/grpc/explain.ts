import { Fault } from '@isotherm/kernel';
import type {
  DecisionNoteInput,
  DecisionPlacementInput,
  ExplainResponseInput,
} from '@isotherm/proto';
import type { Note, RecordedPlacement } from '../record/note.ts';
import type { RecordBook } from '../record/record-book.ts';

/** The record of one request as it travels. Faults: `not_found`. */
export const explain = (
  records: Pick<RecordBook, 'read'>,
  routerId: string,
  requestId: string,
): ExplainResponseInput => {
  const record = records.read(requestId);
  if (record === undefined) {
    throw new Fault(
      'not_found',
      `Router ${routerId} has no record of "${requestId.slice(0, 80)}".`,
    );
  }
  const { notes, notesLeftOut } = record;
  return { requestId, routerId, notes: notes.map(noteOf), notesLeftOut };
};

const noteOf = ({ kind, atMs, facts, placement }: Note): DecisionNoteInput => ({
  kind,
  atMs,
  facts: Object.entries(facts).map(([name, value]) =>
    typeof value === 'number' ? { name, number: value } : { name, text: value },
  ),
  ...(placement !== undefined && { placement: placementOf(placement) }),
});

const placementOf = ({
  stage,
  picked,
  scores,
  dropped,
  waived = [],
  instancesLeftOut,
}: RecordedPlacement): DecisionPlacementInput => ({
  stage,
  picked: picked ?? '',
  scored: Object.entries(scores).map(([instanceId, own]) => ({ instanceId, scores: own })),
  dropped: Object.entries(dropped).map(([instanceId, filter]) => ({ instanceId, filter })),
  instancesLeftOut,
  waived: [...waived],
});
