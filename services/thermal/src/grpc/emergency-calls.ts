import { Fault } from '@isotherm/kernel';
import type {
  ClearEmergencyRequest,
  ClearEmergencyResponseInput,
  DeclareEmergencyRequest,
  DeclareEmergencyResponseInput,
  ThermalEmergency,
} from '@isotherm/proto';
import { checkEmergency } from '../emergency/check-emergency.ts';
import type { EmergencyBook } from '../emergency/emergency-book.ts';
import type { Emergency } from '../emergency/emergency.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { emergencyMessage } from './room-messages.ts';

/** An emergency of a message, checked against the room. */
export const emergencyOf = (message: ThermalEmergency | null, index: RoomIndex): Emergency => {
  if (message === null) {
    throw new Fault('invalid_argument', 'An emergency has to be given.', { param: 'emergency' });
  }
  return checkEmergency(message, index);
};

/** `changed` runs when the emergencies are others, so that decisions follow at once. */
export const emergencyCalls = (book: EmergencyBook, index: RoomIndex, changed: () => void) => ({
  declare: ({ emergency }: DeclareEmergencyRequest): DeclareEmergencyResponseInput => {
    const declared = book.declare(emergencyOf(emergency, index));
    changed();
    return { emergency: emergencyMessage(declared) };
  },
  clear: ({ id }: ClearEmergencyRequest): ClearEmergencyResponseInput => {
    const cleared = book.clear(id);
    changed();
    return { cleared: cleared.map(emergencyMessage) };
  },
});
