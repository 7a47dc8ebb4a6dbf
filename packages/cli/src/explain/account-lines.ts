import type { DecisionNote, DecisionPlacement, ExplainResponse } from '@isotherm/proto';
import { type Column, tableLines } from '../show/table.ts';

type FactValue = string | number;

/** The facts of a note by name. */
export const factsOf = ({ facts }: DecisionNote): Readonly<Record<string, FactValue>> =>
  Object.fromEntries(facts.map(({ name, text, number }) => [name, number ?? text ?? '']));

/** What each kind of note is called; one that a newer router knows keeps its own name. */
const titles: Readonly<Record<string, string>> = {
  admitted: 'admitted',
  queued: 'waits for its turn',
  refused: 'refused',
  embedding_leased: 'embedding found',
  placed: 'placed',
  no_instance: 'no instance',
  attempt_failed: 'attempt failed',
  waited: 'waited before the next attempt',
  breaker_changed: 'breaker',
  encoding_again: 'embedding lost, encoded again',
  migrated: 'decoding moved',
  finished: 'finished',
  failed: 'failed',
};

/** A record for people: one line a note, and under each placement who was in the running. */
export const accountLines = (record: ExplainResponse): readonly string[] => {
  const [first] = record.notes;
  const startMs = first?.atMs ?? 0;
  const left = record.notesLeftOut === 0 ? [] : [`(${record.notesLeftOut} notes were left out)`];
  return [
    `request ${record.requestId} at ${record.routerId}, ${new Date(startMs).toISOString()}`,
    ...record.notes.flatMap((note) => ['', ...noteLines(note, note.atMs - startMs)]),
    ...left,
  ];
};

const noteLines = (note: DecisionNote, atMs: number): readonly string[] => {
  const facts = Object.entries(factsOf(note)).map(([name, value]) => `${name} ${valueText(value)}`);
  const { placement } = note;
  const where =
    placement === null
      ? ''
      : ` ${placement.stage}${placement.picked === '' ? '' : ` at ${placement.picked}`}`;
  const head = `+${atMs.toFixed(0)} ms  ${titles[note.kind] ?? note.kind}${where}`;
  const line = facts.length === 0 ? head : `${head}: ${facts.join(', ')}`;
  return placement === null ? [line] : [line, ...placementLines(placement)];
};

const valueText = (value: FactValue): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : String(value);

const placementLines = (placement: DecisionPlacement): readonly string[] => {
  const scored = placement.scored.toSorted((a, b) => totalOf(b) - totalOf(a));
  const names = Object.keys(scored[0]?.scores ?? {}).filter((name) => name !== 'total');
  const columns: readonly Column[] = [
    { title: 'instance', align: 'left' },
    ...[...names, 'total'].map((title): Column => ({ title, align: 'right' })),
  ];
  const rows = scored.map(({ instanceId, scores }) => [
    `${instanceId === placement.picked ? '* ' : '  '}${instanceId}`,
    ...names.map((name) => (scores[name] ?? 0).toFixed(2)),
    (scores['total'] ?? 0).toFixed(2),
  ]);
  const table = rows.length === 0 ? [] : tableLines(columns, rows);
  return [
    ...table,
    ...droppedLines(placement),
    ...(placement.waived.length === 0 ? [] : [`waived: ${placement.waived.join(', ')}`]),
    ...(placement.instancesLeftOut === 0 ? [] : [`and ${placement.instancesLeftOut} more`]),
  ].map((line) => `        ${line}`);
};

/** One line a filter: most instances are dropped for the same reason. */
const droppedLines = ({ dropped }: DecisionPlacement): readonly string[] => {
  const filters = [...new Set(dropped.map(({ filter }) => filter))];
  return filters.map((name) => {
    const ids = dropped.filter(({ filter }) => filter === name).map((each) => each.instanceId);
    return `dropped by ${name}: ${ids.join(', ')}`;
  });
};

const totalOf = ({ scores }: DecisionPlacement['scored'][number]): number => scores['total'] ?? 0;
