import type { RoomState } from '@isotherm/plant';

/** So far from all limits that the next half minute brings nobody near one. Chosen, and checked in tests. */
const quietLoadShare = 0.88;
const quietK = 8;

/**
 * Whether nothing in the room is near a limit, so that longer steps tell the same: temperatures follow their exact solutions
 * however long a step is, and what is left out is protection that would act within it.
 */
export const isQuiet = ({ layout, gpus, rows, ups, aisles }: RoomState): boolean => {
  for (let row = 0; row < rows.powerW.length; row += 1) {
    if ((rows.powerW[row] ?? 0) > quietLoadShare * (rows.limitW[row] ?? 0)) return false;
    if (rows.braked[row] === 1 || rows.live[row] === 0) return false;
  }
  for (let unit = 0; unit < ups.powerW.length; unit += 1) {
    if ((ups.powerW[unit] ?? 0) > quietLoadShare * (ups.limitW[unit] ?? 0)) return false;
  }
  for (let aisle = 0; aisle < aisles.powerW.length; aisle += 1) {
    const supplied = aisles.airflowSuppliedM3s[aisle] ?? 0;
    if ((aisles.airflowDemandedM3s[aisle] ?? 0) > quietLoadShare * supplied) return false;
  }
  for (let gpu = 0; gpu < gpus.sinkC.length; gpu += 1) {
    if (gpus.hot[gpu] === 1 || gpus.capped[gpu] === 1) return false;
    const place = layout.gpus[gpu];
    if (place === undefined) continue;
    const { limits } = place.kind;
    const sinkC = gpus.sinkC[gpu] ?? 0;
    if (sinkC + (gpus.fastK[gpu] ?? 0) > limits.operatingMaxC - quietK) return false;
    const memoryC = sinkC + place.thermal.memory.offsetK + (gpus.memoryK[gpu] ?? 0);
    if (memoryC > limits.memoryMaxC - quietK) return false;
  }
  return true;
};
