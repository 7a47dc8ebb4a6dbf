import { levelKey, type LevelRef, type LevelState, type ParentRef } from './level.ts';

/** Levels by their keys. Of two with the same key the last counts. */
export type LevelIndex = ReadonlyMap<string, LevelState>;

export const indexLevels = (levels: readonly LevelState[]): LevelIndex =>
  new Map(levels.map((level) => [levelKey(level), level]));

/**
 * Every level that feels what is drawn at one, itself included, with the share that it feels: key → share. What comes there by
 * several ways adds up, to all of it at most. Levels that are not in the index are left out; a cycle ends where it closes.
 */
export const sharesAbove = (index: LevelIndex, start: LevelRef): ReadonlyMap<string, number> => {
  const shares = new Map<string, number>();
  const climb = (ref: ParentRef, share: number, path: ReadonlySet<string>): void => {
    const key = levelKey(ref);
    const state = index.get(key);
    if (state === undefined || path.has(key)) return;
    shares.set(key, Math.min(1, (shares.get(key) ?? 0) + share));
    const further = new Set([...path, key]);
    for (const parent of state.parents) climb(parent, share * (parent.share ?? 1), further);
  };
  climb(start, 1, new Set());
  return shares;
};
