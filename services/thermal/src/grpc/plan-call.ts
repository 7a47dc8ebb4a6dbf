import { Fault } from '@isotherm/kernel';
import type { PlanRequest, PlanResponseInput } from '@isotherm/proto';
import type { PlaceDesk } from '../control/place-desk.ts';
import type { Round } from '../round/round.ts';

/** Plan. */
export const makePlan = (
  { place, reconfigure, apply }: PlanRequest,
  round: Round,
  places: PlaceDesk,
): PlanResponseInput => {
  if (place) {
    const planned = places.plan(place, round, apply);
    return { places: [...planned.places], notes: planned.notes.map((note) => ({ ...note })) };
  }
  if (reconfigure) throw new Fault('unsupported', 'Reconfiguration is not planned yet.');
  throw new Fault('invalid_argument', 'Say what to plan: place or reconfigure.', { param: 'what' });
};
