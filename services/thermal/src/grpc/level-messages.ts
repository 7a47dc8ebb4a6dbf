import type { LevelStateInput, ThermalLevelInput } from '@isotherm/proto';
import type { LevelUse } from '../estimate/level-use.ts';
import type { LevelRef } from '../topology/level.ts';

export const levelMessage = ({ level, id }: LevelRef): ThermalLevelInput => ({ kind: level, id });

/** From this share of its limit on a level counts as near it. */
const nearShare = 0.9;

const stateOf = ({ used, limit, idle, dark }: LevelUse): string => {
  if (dark || (used < 1 && idle > 1)) return 'tripped';
  if (used > limit) return 'over';
  return used > nearShare * limit ? 'near' : 'ok';
};

export const levelStateMessage = (use: LevelUse): LevelStateInput => {
  const [parent] = use.parents;
  return {
    level: levelMessage(use.of),
    ...(parent !== undefined && { parent: levelMessage(parent) }),
    ...{ used: use.used, limit: use.limit, limitNominal: use.nominal },
    ...{ predicted: [...use.predicted], state: stateOf(use), supplyC: use.supplyC ?? 0 },
  };
};
