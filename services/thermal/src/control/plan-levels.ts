import type { Level as PolicyLevel, LevelState } from '@isotherm/policy';
import { canBind } from '../headroom/instance-headroom.ts';
import type { LevelUse } from '../estimate/level-use.ts';
import type { Level } from '../topology/level.ts';
import type { Round } from '../round/round.ts';

const asPolicyLevel = (level: Level): PolicyLevel => (level === 'room' ? 'aisle' : level);

/**
 * The levels of a round as policies read them: all in watts. A level that can feed all below it at full load sets no limit,
 * so it has none. `expectedOf` says what is expected there, in the level's unit; `peakOf` what at the highest, in watts; absent: the same.
 */
export const planLevels = (
  { levels }: Pick<Round, 'levels'>,
  expectedOf: (use: LevelUse) => number,
  peakOf?: (use: LevelUse) => { readonly peakW: number; readonly adjustablePeakW: number },
): readonly LevelState[] =>
  [...levels.values()]
    .filter(({ dark }) => !dark)
    .map((use): LevelState => {
      const expected = expectedOf(use);
      const peak = peakOf?.(use);
      return {
        ...{ level: asPolicyLevel(use.of.level), id: use.of.id },
        parents: use.parents.map(({ level, id, share }) => ({
          ...{ level: asPolicyLevel(level), id, share },
        })),
        usedW: use.used * use.wPerUnit,
        predictedW: expected * use.wPerUnit,
        peakW: peak?.peakW ?? expected * use.wPerUnit,
        limitW: canBind(use) ? use.limit * use.wPerUnit : Infinity,
        ...(peak !== undefined && { adjustablePeakW: peak.adjustablePeakW }),
      };
    });
