import type { Placement, RecordedPlacement } from './note.ts';

/**
 * Keeps at most so many instances of a trace: the one that was picked, then the best, then some of those that were dropped. A
 * fleet of a thousand would else fill the memory of the router with its own history.
 */
export const shortenPlacement = (placement: Placement, instancesMax: number): RecordedPlacement => {
  const { trace, picked } = placement;
  const scored = Object.entries(trace.scores);
  const dropped = Object.entries(trace.dropped);
  const instances = scored.length + dropped.length;
  if (instances <= instancesMax) return { ...placement, instancesLeftOut: 0 };
  const rank = ([id, scores]: (typeof scored)[number]): number =>
    id === picked ? Infinity : (scores['total'] ?? 0);
  const best = scored.toSorted((a, b) => rank(b) - rank(a)).slice(0, instancesMax);
  const some = dropped.slice(0, instancesMax - best.length);
  return {
    ...placement,
    trace: { scores: Object.fromEntries(best), dropped: Object.fromEntries(some) },
    instancesLeftOut: instances - best.length - some.length,
  };
};
