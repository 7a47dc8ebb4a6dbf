import { Fault } from '@isotherm/kernel';
import type { RoomIndex } from '../topology/room-index.ts';
import {
  type Emergency,
  type EmergencyKind,
  emergencyKinds,
  type EmergencyScope,
} from './emergency.ts';

/** An emergency as a stranger declares it. */
export interface RawEmergency {
  readonly kind: string;
  readonly scope: { readonly kind: string; readonly id: string } | null;
  readonly toShare: number;
  readonly byK: number;
  readonly forS: number;
}

/** Longest emergency with an end, in plant seconds: thirty days. */
export const forSMax = 30 * 86_400;
const byKMax = 40;

const refuse = (field: string, message: string): never => {
  throw new Fault('invalid_argument', message, { param: `emergency.${field}` });
};

/** An emergency that this room can have. Throws a Fault `invalid_argument` that names the field. */
export const checkEmergency = (raw: RawEmergency, index: RoomIndex): Emergency => {
  const kind = emergencyKinds.find((known) => known === raw.kind);
  if (kind === undefined) return refuse('kind', `kind is one of ${emergencyKinds.join(', ')}.`);
  const scope = scopeOf(kind, raw.scope, index);
  const { toShare, byK, forS } = raw;
  const isShared = kind === 'cooling' || kind === 'power';
  if (isShared && !(toShare >= 0 && toShare < 1)) {
    refuse('to_share', 'to_share is what is left: from 0 to below 1.');
  }
  if (kind === 'heat_wave' && !(byK > 0 && byK <= byKMax)) {
    refuse('by_k', `by_k is above 0 and at most ${byKMax} K.`);
  }
  if (!(forS >= 0 && forS <= forSMax)) {
    refuse('for_s', `for_s is 0 (until cleared) to ${forSMax} plant seconds.`);
  }
  return {
    ...{ kind, toShare: isShared ? toShare : 0, byK: kind === 'heat_wave' ? byK : 0, forS },
    ...(scope !== undefined && { scope }),
  };
};

/** What each kind may strike; `none`: it may be the whole room. */
const scopesOf: Readonly<Record<EmergencyKind, readonly string[]>> = {
  cooling: ['none', 'aisle'],
  ahu: ['aisle', 'ahu'],
  power: ['none', 'row', 'ups'],
  ups: ['ups'],
  heat_wave: ['none'],
};

const scopeOf = (
  kind: EmergencyKind,
  raw: RawEmergency['scope'],
  index: RoomIndex,
): EmergencyScope | undefined => {
  const isNone = raw === null || (raw.kind === '' && raw.id === '');
  const level = isNone ? 'none' : raw.kind;
  const allowed = scopesOf[kind];
  if (!allowed.includes(level)) {
    const words = allowed.map((each) => (each === 'none' ? 'absent' : each)).join(' or ');
    return refuse('scope', `The scope of ${kind} is ${words}.`);
  }
  if (isNone) return undefined;
  const unknown = (): never => {
    const what = kind === 'ahu' ? 'ahu' : level;
    const known = knownText(idsOf(what, index));
    return refuse('scope.id', `The room has no ${what} ${raw.id.slice(0, 64)}; it has ${known}.`);
  };
  if (kind === 'ahu') return { level: 'ahu', id: ahuOf(raw.id, index) ?? unknown() };
  if (level !== 'aisle' && level !== 'row' && level !== 'ups') return unknown();
  return index.has({ level, id: raw.id }) ? { level, id: raw.id } : unknown();
};

/** Ids that a message lists: a hall has hundreds of rows. */
const listedMax = 8;

const idsOf = (what: string, { ahus, levels }: RoomIndex): readonly string[] =>
  what === 'ahu'
    ? [...ahus].map(([ahu, aisle]) => `${aisle}/${ahu}`)
    : levels.filter(({ level }) => level === what).map(({ id }) => id);

const knownText = (ids: readonly string[]): string => {
  const more = ids.length > listedMax ? ` and ${ids.length - listedMax} more` : '';
  return ids.length === 0 ? 'none' : `${ids.slice(0, listedMax).join(', ')}${more}`;
};

/** AHU, or AISLE/AHU, which has to be its own aisle. */
const ahuOf = (text: string, { ahus }: RoomIndex): string | undefined => {
  const [aisle, ahu] = text.includes('/') ? text.split('/') : [undefined, text];
  if (ahu === undefined || !ahus.has(ahu)) return undefined;
  return aisle === undefined || ahus.get(ahu) === aisle ? ahu : undefined;
};
