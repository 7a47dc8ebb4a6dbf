import { type LevelIndex, sharesAbove } from '../headroom/level-index.ts';
import { levelKey } from '../headroom/level.ts';
import { gpuIds, type Place } from '../headroom/place.ts';
import type { PlanRoom, PlanSettings } from './contract.ts';

/** One limit of the room: power or air of a level, in watts, or a temperature of a GPU, in degrees Celsius. */
export interface Constraint {
  /** `row:r1`, `core:s1/0`, `memory:s1/0`. */
  readonly key: string;
  readonly unit: 'W' | 'K';
  /** Predicted. Where it is no number nothing is taken on its account, and nothing is given back. */
  readonly at: number;
  readonly limit: number;
  /** Above `engage` a plan acts, down to `target`; up to `release` it gives back. */
  readonly engage: number;
  readonly target: number;
  readonly release: number;
}

export const constraintsOf = (
  { levels, gpus }: Pick<PlanRoom, 'levels' | 'gpus'>,
  settings: PlanSettings,
): readonly Constraint[] => {
  const power = levels.map((state): Constraint => {
    const { predictedW: at, limitW: limit } = state;
    const [engage, target] = [limit * settings.engageShare, limit * settings.targetShare];
    const release = limit * settings.releaseShare;
    return { key: levelKey(state), unit: 'W', ...{ at, limit, engage, target, release } };
  });
  const heat = gpus.flatMap(({ id, core, memory }) =>
    Object.entries({ core, memory }).map(([part, { predictedC: at, limitC }]): Constraint => {
      const [engage, target] = [limitC - settings.engageK, limitC - settings.targetK];
      const release = limitC - settings.releaseK;
      return { key: `${part}:${id}`, unit: 'K', ...{ at, limit: limitC, engage, target, release } };
    }),
  );
  return [...power, ...heat];
};

/** How a constraint feels an instance: so much of its power, or of the rise of its GPUs. */
export interface Reach {
  readonly key: string;
  readonly part: 'powerW' | 'coreK' | 'memoryK';
  readonly weight: number;
}

/** All that feels an instance in a place. Its GPUs share its power alike. */
export const reachOf = (place: Place, index: LevelIndex): readonly Reach[] => {
  const above = [...sharesAbove(index, { level: 'server', id: place.server })];
  const ids = gpuIds(place);
  return [
    ...above.map(([key, weight]): Reach => ({ key, part: 'powerW', weight })),
    ...ids.flatMap((id): readonly Reach[] => [
      { key: levelKey({ level: 'gpu', id }), part: 'powerW', weight: 1 / ids.length },
      { key: `core:${id}`, part: 'coreK', weight: 1 },
      { key: `memory:${id}`, part: 'memoryK', weight: 1 },
    ]),
  ];
};
