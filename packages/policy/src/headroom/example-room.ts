import type { Level, LevelState, ParentRef } from './level.ts';

/** A level in the middle of its limit, with what a test wants to be different. */
export const exampleLevel = (
  level: Level,
  id: string,
  different: Partial<Omit<LevelState, 'level' | 'id'>> = {},
): LevelState => ({
  ...{ level, id, parents: [], usedW: 500, predictedW: 500, peakW: 500, limitW: 1000 },
  ...different,
});

/** `level:id` of a parent, for tests: `row:r1`. */
export const exampleParent = (key: string, share?: number): ParentRef => {
  const [level = '', id = ''] = key.split(':');
  return { level: level as Level, id, ...(share !== undefined && { share }) };
};
