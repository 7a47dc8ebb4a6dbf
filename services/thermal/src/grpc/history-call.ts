import { Fault } from '@isotherm/kernel';
import type { GetHistoryRequest, GetHistoryResponseInput } from '@isotherm/proto';
import { pointsOf } from '../history/points.ts';
import type { Recorder } from '../history/recorder.ts';
import { isQuantity } from '../telemetry/quantity.ts';
import { isLevel } from '../topology/level.ts';

const pointsDefault = 600;
const pointsMost = 10_000;

/** GetHistory. */
export const readHistory = async (
  { of, quantity, fromMs, toMs, pointsMax }: GetHistoryRequest,
  recorder: Recorder,
  nowMs: number,
): Promise<GetHistoryResponseInput> => {
  const level = of?.kind ?? '';
  if (!isLevel(level)) {
    throw new Fault('invalid_argument', 'of names a level of the room.', { param: 'of.kind' });
  }
  if (!isQuantity(quantity)) {
    const message = 'quantity is one of those that Reading lists.';
    throw new Fault('invalid_argument', message, { param: 'quantity' });
  }
  if (pointsMax > pointsMost) {
    const message = `points_max is at most ${pointsMost}.`;
    throw new Fault('invalid_argument', message, { param: 'points_max' });
  }
  const untilMs = toMs === 0 ? nowMs : toMs;
  if (!(fromMs >= 0 && untilMs >= fromMs)) {
    throw new Fault('invalid_argument', 'from_ms comes before to_ms.', { param: 'from_ms' });
  }
  const parts = await recorder.read({ level, id: of?.id ?? '' }, quantity);
  if (parts === undefined) {
    throw new Fault('not_found', `No history is kept of this ${quantity}.`, { param: 'of.id' });
  }
  const span = { fromMs, toMs: untilMs, pointsMax: pointsMax === 0 ? pointsDefault : pointsMax };
  return { points: [...pointsOf(parts, span)] };
};
