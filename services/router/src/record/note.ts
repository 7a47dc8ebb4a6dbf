import type { InstanceId, Stage } from '@isotherm/kernel';
import type { RouteTrace, WrittenTrace } from '@isotherm/policy';

/** What can happen to a request, as far as somebody decided it. A new kind gets a line here and in the README. */
export const noteKinds = [
  'admitted',
  'queued',
  'refused',
  'embedding_leased',
  'placed',
  'no_instance',
  'attempt_failed',
  'hedged',
  'hedge_ended',
  'waited',
  'breaker_changed',
  'encoding_again',
  'migrated',
  'passed_on',
  'finished',
  'failed',
] as const;
export type NoteKind = (typeof noteKinds)[number];

/** What is known about it, by name; units last. Never a part of a prompt, a medium or an answer. */
export type NoteFacts = Readonly<Record<string, string | number>>;

/** One placement: who was in the running, who was picked, and why. */
export interface Placement {
  readonly stage: Stage;
  /** Undefined when nobody could take the work. */
  readonly picked: InstanceId | undefined;
  readonly trace: RouteTrace;
}

export interface Note {
  readonly kind: NoteKind;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  readonly facts: NoteFacts;
  /** Of `placed` and `no_instance`. */
  readonly placement?: RecordedPlacement;
}

/** A placement of which only as many instances are kept as are worth reading. */
export type RecordedPlacement = Pick<Placement, 'stage' | 'picked'> & WrittenTrace;

/** How requests end. */
export const isEnd = (kind: NoteKind): boolean =>
  kind === 'finished' || kind === 'passed_on' || kind === 'failed' || kind === 'refused';
