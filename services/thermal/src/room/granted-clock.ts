import { type RoomState, throttleReasons } from '@isotherm/plant';
import type { PlacedInstance } from '../instances/instance-book.ts';

/** An engine cannot stand still by command: a GPU that is off leaves its instance this much. */
const clockShareMin = 0.05;

const bits = throttleReasons;
/** What lowers a clock beyond what was asked for. */
const lowered =
  bits.SwPowerCap |
  bits.HwSlowdown |
  bits.SwThermalSlowdown |
  bits.HwThermalSlowdown |
  bits.HwPowerBrakeSlowdown;

/**
 * The clock that a virtual room's hardware leaves an instance: of the slowest of its GPUs. Undefined where nothing lowers
 * it. A real GPU slows down by itself; the engine on a virtual one has to be told.
 */
export const grantedClockShare = (
  { gpus: columns, servers, layout }: RoomState,
  { gpus }: Pick<PlacedInstance, 'gpus'>,
): number | undefined => {
  let least: number | undefined;
  for (const gpu of gpus) {
    const reasons = columns.reasons[gpu] ?? 0;
    const clock = columns.clockShare[gpu] ?? 1;
    const isOff =
      columns.shutDown[gpu] === 1 ||
      clock === 0 ||
      servers.stopped[layout.gpus[gpu]?.server ?? 0] === 1;
    if (!isOff && (reasons & lowered) === 0) continue;
    least = Math.min(least ?? 1, isOff ? clockShareMin : Math.max(clockShareMin, clock));
  }
  return least;
};
