import {
  memoryPowerW,
  predictGpu,
  type RoomState,
  steadyGpu,
  type WorkKind,
} from '@isotherm/plant';
import { boundedShare, type GpuState, type Headroom, levelKey } from '@isotherm/policy';
import type { RatedLevel } from './level-states.ts';

/** A GPU at this temperature counts as cold when shares of its limit are taken. */
const coldC = 25;

/** Temperatures of one GPU, now and in so many seconds if all goes on as it does; Infinity: as they settle. */
export const gpuStateOf = (
  { layout, gpus, servers }: RoomState,
  index: number,
  kind: WorkKind,
  horizonS: number,
): GpuState => {
  const gpu = layout.gpus[index];
  if (gpu === undefined) throw new RangeError(`the room has no GPU ${index}`);
  const { limits, power } = gpu.kind;
  const sinkC = gpus.sinkC[index] ?? 0;
  const coreC = sinkC + (gpus.fastK[index] ?? 0);
  const memoryC = sinkC + gpu.thermal.memory.offsetK + (gpus.memoryK[index] ?? 0);
  const powerW = gpus.powerW[index] ?? 0;
  const nodes = { sinkC, fastK: gpus.fastK[index] ?? 0, memoryK: gpus.memoryK[index] ?? 0 };
  const heat = {
    ...{ inletC: servers.inletC[gpu.server] ?? 0, powerW },
    memoryPowerW: memoryPowerW(power, kind, powerW),
  };
  const settled =
    horizonS === Infinity
      ? steadyGpu(gpu.thermal, heat)
      : predictGpu(gpu.thermal, nodes, heat, horizonS);
  return {
    id: gpu.id,
    core: {
      nowC: coreC,
      predictedC: Math.max(coreC, settled.coreC),
      limitC: limits.operatingMaxC,
    },
    memory: {
      nowC: memoryC,
      predictedC: Math.max(memoryC, settled.memoryC),
      limitC: limits.memoryMaxC,
    },
  };
};

/** What limits leave each server, as shares of what lies between idle and the limit: the least of all levels above it. */
export const serverShares = (
  state: RoomState,
  levels: readonly RatedLevel[],
): ReadonlyMap<string, Pick<Headroom, 'powerShare' | 'binding'>> => {
  const byKey = new Map(levels.map((level) => [levelKey(level), level]));
  const known = new Map<string, Pick<Headroom, 'powerShare' | 'binding'>>();
  const shareOf = (key: string): Pick<Headroom, 'powerShare' | 'binding'> => {
    const before = known.get(key);
    const level = byKey.get(key);
    if (before !== undefined || level === undefined) {
      return before ?? { powerShare: 1, binding: { level: 'server', id: '' } };
    }
    const { limitW, usedW, idleW, id } = level;
    const own =
      limitW < Infinity ? boundedShare((limitW - usedW) / Math.max(1, limitW - idleW)) : 1;
    let least = { powerShare: own, binding: { level: level.level, id } };
    for (const above of level.parents) {
      const share = shareOf(levelKey(above));
      if (share.powerShare < least.powerShare) least = { ...share };
    }
    known.set(key, least);
    return least;
  };
  return new Map(
    state.layout.servers.map(({ plan: { id } }) => [
      id,
      shareOf(levelKey({ level: 'server', id })),
    ]),
  );
};

/** Headroom of an instance by its server's share and its GPUs' temperatures. */
export const headroomOf = (
  power: Pick<Headroom, 'powerShare' | 'binding'>,
  gpus: readonly GpuState[],
): Headroom => {
  const share = (part: 'core' | 'memory'): number =>
    gpus.reduce((least, { [part]: { predictedC, limitC } }) => {
      return Math.min(least, boundedShare((limitC - predictedC) / (limitC - coldC)));
    }, 1);
  return { ...power, coreShare: share('core'), memoryShare: share('memory'), conservative: false };
};
