import { Fault } from '@isotherm/kernel';
import type { Emergency } from './emergency.ts';

/** An emergency that is on. */
export interface Declared extends Emergency {
  readonly id: string;
  /** Unix time in milliseconds, and plant time in seconds. */
  readonly sinceMs: number;
  readonly sinceS: number;
}

/** The emergencies that are on; bounded. */
export interface EmergencyBook {
  /** Throws a Fault `saturated` when there are too many. */
  declare(emergency: Emergency): Declared;
  /** One that an earlier process knew, with the time that has passed since. Nothing where that is over, or it is on already. */
  restore(emergency: Omit<Declared, 'sinceS'>): void;
  /** Ends one, or all by an empty id. Throws a Fault `not_found` for one that is none. */
  clear(id: string): readonly Declared[];
  /** Those on now; what has lasted its time is over. */
  active(): readonly Declared[];
}

const emergenciesMax = 64;

export const createEmergencyBook = (time: {
  readonly nowMs: () => number;
  readonly plantS: () => number;
  /** Seconds of plant time that pass in a second. */
  readonly timeScale: number;
}): EmergencyBook => {
  let declared: readonly Declared[] = [];
  let next = 1;
  const active = (): readonly Declared[] => {
    const plantS = time.plantS();
    const isOn = ({ forS, sinceS }: Declared): boolean => forS === 0 || plantS < sinceS + forS;
    if (!declared.every(isOn)) declared = declared.filter(isOn);
    return declared;
  };
  return {
    active,
    declare: (emergency) => {
      if (active().length >= emergenciesMax) {
        throw new Fault('saturated', `At most ${emergenciesMax} emergencies are on at once.`);
      }
      const one = {
        ...emergency,
        ...{ id: `emergency-${next}`, sinceMs: time.nowMs(), sinceS: time.plantS() },
      };
      next += 1;
      declared = [...declared, one];
      return one;
    },
    restore: (emergency) => {
      if (active().length >= emergenciesMax) return;
      if (active().some(({ id }) => id === emergency.id)) return;
      const passedS = (Math.max(0, time.nowMs() - emergency.sinceMs) / 1000) * time.timeScale;
      declared = [...declared, { ...emergency, sinceS: time.plantS() - passedS }];
      next = Math.max(next, Number(emergency.id.split('-')[1]) + 1);
    },
    clear: (id) => {
      const ended = active().filter((each) => id === '' || each.id === id);
      if (id !== '' && ended.length === 0) {
        throw new Fault('not_found', `There is no emergency ${id.slice(0, 64)}.`);
      }
      declared = declared.filter((each) => !ended.includes(each));
      return ended;
    },
  };
};
