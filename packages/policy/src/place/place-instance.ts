import type { Levers } from '../headroom/levers.ts';
import { indexLevels } from '../headroom/level-index.ts';
import {
  type PlaceCandidate,
  type PlaceDecision,
  type PlaceDrop,
  type PlaceRoom,
  type PlaceSettings,
  type PlaceWork,
} from './contract.ts';
import { placeFirstFit } from './first-fit.ts';
import { placePreferences } from './preferences.ts';
import { validateServer } from './validate.ts';

export const placeDefaults: PlaceSettings = {
  ...{ marginShare: 0.02, marginK: 2, coldC: 25 },
  weights: { coolServer: 1, stageHeat: 1, mixTenants: 1, roomLeft: 1 },
};

/**
 * Validate → prefer → take the best; the first by id among equals. Pure: placing books nothing. With the `place` lever off it
 * is the oblivious baseline. Work of no or of a broken number of GPUs goes nowhere.
 */
export const placeInstance = (
  work: PlaceWork,
  room: PlaceRoom,
  levers: Pick<Levers, 'place'> = { place: true },
  settings: PlaceSettings = placeDefaults,
): PlaceDecision => {
  if (!(Number.isInteger(work.gpus) && work.gpus > 0)) return rejected('all_dropped', {});
  if (!levers.place) return placeFirstFit(work, room);
  const index = indexLevels(room.levels);
  const dropped: Record<string, PlaceDrop> = {};
  const candidates: PlaceCandidate[] = [];
  for (const server of room.servers.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const validated = validateServer(server, work, index, settings);
    if (validated.kind === 'valid') candidates.push(validated.candidate);
    else dropped[server.id] = { validator: validated.validator, at: validated.at };
  }
  const columns = placePreferences.map((preference) => ({
    name: preference.name,
    weight: settings.weights[preference.name],
    scores: preference.score(candidates, work, index, settings),
  }));
  const scores: Record<string, Record<string, number>> = {};
  let best: { readonly candidate: PlaceCandidate; readonly total: number } | undefined;
  for (const [row, candidate] of candidates.entries()) {
    const own = columns.map(({ name, scores: rows }): [string, number] => [name, rows[row] ?? 0]);
    const total = columns.reduce((sum, { weight }, at) => sum + weight * (own[at]?.[1] ?? 0), 0);
    scores[candidate.server.id] = { ...Object.fromEntries(own), total };
    if (best === undefined || total > best.total) best = { candidate, total };
  }
  if (best === undefined) {
    return rejected(room.servers.length === 0 ? 'no_server' : 'all_dropped', dropped);
  }
  const { server, gpus } = best.candidate;
  const place = { server: server.id, gpus: gpus.map((gpu) => gpu.index) };
  return { kind: 'placed', place, trace: { dropped, scores } };
};

const rejected = (
  reason: 'no_server' | 'all_dropped',
  dropped: Readonly<Record<string, PlaceDrop>>,
): PlaceDecision => ({ kind: 'rejected', reason, trace: { dropped, scores: {} } });
