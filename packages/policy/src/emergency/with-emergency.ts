import { type GpuState, levelKey, type LevelState, type ParentRef } from '../headroom/level.ts';
import type { PlanRoom } from '../reconfigure/contract.ts';
import type { Emergency } from './contract.ts';

/**
 * The room as an emergency leaves it, before any telemetry shows it. Who has already put an emergency into the limits and
 * predictions of a room does not apply it again.
 */
export const withEmergency = (room: PlanRoom, emergency: Emergency): PlanRoom => {
  switch (emergency.kind) {
    case 'cooling':
    case 'ahu': {
      const { share, aisle } = emergency;
      return limited(room, share, ({ level, id }) => level === 'aisle' && id === aisle);
    }
    case 'power': {
      const { share, at } = emergency;
      return limited(room, share, (state) =>
        at === undefined ? state.level === 'row' || state.level === 'ups' : levelKey(state) === at,
      );
    }
    case 'ups':
      return { ...room, levels: withoutUps(room.levels, emergency.ups) };
    case 'heat-wave':
      return { ...room, gpus: room.gpus.map((gpu) => warmer(gpu, emergency.riseK)) };
    default:
      return emergency satisfies never;
  }
};

const limited = (
  room: PlanRoom,
  share: number,
  concerns: (state: LevelState) => boolean,
): PlanRoom => ({
  ...room,
  levels: room.levels.map((state) =>
    concerns(state) ? { ...state, limitW: state.limitW * share } : state,
  ),
});

/** What it fed, the others feed in equal parts: both what they carry and whom they feel. */
const withoutUps = (levels: readonly LevelState[], lostId: string): readonly LevelState[] => {
  const others = levels.filter(({ level, id }) => level === 'ups' && id !== lostId);
  const lost = levels.find(({ level, id }) => level === 'ups' && id === lostId);
  if (lost === undefined || others.length === 0) return levels;
  const part = 1 / others.length;
  const moved = (parent: ParentRef): readonly ParentRef[] =>
    parent.level === 'ups' && parent.id === lostId
      ? others.map(({ level, id }) => ({ level, id, share: (parent.share ?? 1) * part }))
      : [parent];
  return levels
    .filter((state) => state !== lost)
    .map((state) => {
      const parents = state.parents.flatMap(moved);
      if (!others.includes(state)) return { ...state, parents };
      return {
        ...{ ...state, parents },
        usedW: state.usedW + lost.usedW * part,
        predictedW: state.predictedW + lost.predictedW * part,
        peakW: state.peakW + lost.peakW * part,
      };
    });
};

const warmer = (gpu: GpuState, riseK: number): GpuState => ({
  ...gpu,
  core: { ...gpu.core, predictedC: gpu.core.predictedC + riseK },
  memory: { ...gpu.memory, predictedC: gpu.memory.predictedC + riseK },
});
