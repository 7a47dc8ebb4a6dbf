import type { SourceStatusInput } from '@isotherm/proto';
import type { SourceBook } from '../telemetry/intake.ts';

export const sourceMessage = (
  { name, kind, heardMs, accepted, quarantined, problem }: SourceBook,
  nowMs: number,
  staleMs: number,
): SourceStatusInput => {
  const ageMs = heardMs === 0 ? Infinity : Math.abs(nowMs - heardMs);
  const state =
    ageMs <= staleMs ? 'ok' : problem !== '' ? 'failing' : heardMs === 0 ? 'absent' : 'stale';
  return {
    ...{ name, kind, state, accepted, problem },
    ageS: Number.isFinite(ageMs) ? ageMs / 1000 : 0,
    quarantined: Object.fromEntries(quarantined),
  };
};
