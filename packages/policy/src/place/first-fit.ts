import type { PlaceDecision, PlaceDrop, PlaceRoom, PlaceWork } from './contract.ts';

/**
 * The oblivious baseline: the first server, by id, with as many free GPUs. It knows of no temperature, and of no level above
 * the server.
 */
export const placeFirstFit = (work: PlaceWork, { servers }: PlaceRoom): PlaceDecision => {
  const dropped: Record<string, PlaceDrop> = {};
  const ordered = servers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const { id, kind, gpus } of ordered) {
    const free = gpus.filter((gpu) => gpu.free).map(({ index }) => index);
    if (work.serverKind !== undefined && work.serverKind !== kind) {
      dropped[id] = { validator: 'server-kind', at: kind };
    } else if (free.length < work.gpus) {
      dropped[id] = { validator: 'free-gpus', at: `${free.length}` };
    } else {
      const place = { server: id, gpus: free.toSorted((a, b) => a - b).slice(0, work.gpus) };
      return { kind: 'placed', place, trace: { dropped, scores: {} } };
    }
  }
  const reason = servers.length === 0 ? 'no_server' : 'all_dropped';
  return { kind: 'rejected', reason, trace: { dropped, scores: {} } };
};
