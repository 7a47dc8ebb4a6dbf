import type { Disturbance } from '@isotherm/plant';
import type { RoomIndex } from '../topology/room-index.ts';

export const emergencyKinds = ['cooling', 'ahu', 'power', 'ups', 'heat_wave'] as const;
export type EmergencyKind = (typeof emergencyKinds)[number];

/** What of the room is struck: nothing named is all of it. */
export interface EmergencyScope {
  readonly level: 'aisle' | 'ahu' | 'row' | 'ups';
  /** Of an AHU: its own id. */
  readonly id: string;
}

/** Something that was lost; checked against the room. */
export interface Emergency {
  readonly kind: EmergencyKind;
  readonly scope?: EmergencyScope;
  /** What is left, 0 to below 1: of cooling or power. */
  readonly toShare: number;
  /** How much warmer outside. */
  readonly byK: number;
  /** Plant seconds that it lasts; 0: until it is cleared. */
  readonly forS: number;
}

/** What it does to a room. Heat waves are outside, where `warmerK` has them. */
export const disturbancesOf = (
  emergencies: readonly Emergency[],
  { plan }: Pick<RoomIndex, 'plan'>,
): readonly Disturbance[] =>
  emergencies.flatMap(({ kind, scope, toShare: share }): readonly Disturbance[] => {
    switch (kind) {
      case 'cooling': {
        const aisles = scope === undefined ? plan.aisles.map(({ id }) => id) : [scope.id];
        return aisles.map((aisle) => ({ kind: 'cooling', aisle, share }));
      }
      case 'ahu':
        return scope === undefined ? [] : [{ kind: 'ahu', ahu: scope.id }];
      case 'ups':
        return scope === undefined ? [] : [{ kind: 'ups', ups: scope.id }];
      case 'power':
        if (scope?.level === 'row') return [{ kind: 'power', share, row: scope.id }];
        if (scope?.level === 'ups') return [{ kind: 'power', share, ups: scope.id }];
        return [{ kind: 'power', share }];
      case 'heat_wave':
        return [];
      default:
        return kind satisfies never;
    }
  });

/** By how much all heat waves together warm the air outside: the worst counts. */
export const warmerKOf = (emergencies: readonly Emergency[]): number =>
  emergencies.reduce(
    (most, { kind, byK }) => (kind === 'heat_wave' ? Math.max(most, byK) : most),
    0,
  );
