import type { Level as PolicyLevel, LevelState } from '@isotherm/policy';
import { canBind } from '../headroom/instance-headroom.ts';
import type { LevelUse } from '../estimate/level-use.ts';
import type { Level } from '../topology/level.ts';
import type { Round } from '../round/round.ts';

const asPolicyLevel = (level: Level): PolicyLevel => (level === 'room' ? 'aisle' : level);

/**
 * The levels of a round as policies read them: all in watts. A level that can feed all below it at full load sets no limit,
 * so it has none. `peakOf` says what is expected there at the highest, in watts; absent: as predicted.
 */
export const planLevels = (
  { levels }: Pick<Round, 'levels'>,
  horizons: number,
  peakOf?: (use: LevelUse) => { readonly peakW: number; readonly adjustablePeakW: number },
): readonly LevelState[] =>
  [...levels.values()]
    .filter(({ dark }) => !dark)
    .map((use): LevelState => {
      const most = Math.max(use.used, ...use.predicted.slice(0, horizons));
      const peak = peakOf?.(use);
      return {
        ...{ level: asPolicyLevel(use.of.level), id: use.of.id },
        parents: use.parents.map(({ level, id, share }) => ({
          ...{ level: asPolicyLevel(level), id, share },
        })),
        usedW: use.used * use.wPerUnit,
        predictedW: most * use.wPerUnit,
        peakW: peak?.peakW ?? most * use.wPerUnit,
        limitW: canBind(use) ? use.limit * use.wPerUnit : Infinity,
        ...(peak !== undefined && { adjustablePeakW: peak.adjustablePeakW }),
      };
    });
