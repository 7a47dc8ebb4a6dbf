import type { Rating, Ratings, RoomState } from '@isotherm/plant';
import type { LevelState, ParentRef } from '@isotherm/policy';

/** One level with what it may use and what it uses when idle: of an aisle it is air, in the watts that it carries at full load. */
export interface RatedLevel extends LevelState {
  readonly idleW: number;
}

/**
 * A room's levels as policies read them. What is used is what is expected: the room is stepped as it is. A level that can
 * feed all below it at full load sets no limit.
 */
export const levelStatesOf = (state: RoomState, ratings: Ratings): readonly RatedLevel[] => {
  const { layout } = state;
  const ids = layout.aisles.map(({ plan }) => plan.id);
  const watts = (rating: Rating | undefined) => ({
    idle: rating?.idleW ?? 0,
    full: rating?.fullW ?? 0,
  });
  return [
    ...layout.servers.map(({ plan, rack }, index) =>
      ratedLevel(
        { level: 'server', id: plan.id, parents: [parent('rack', layout.racks[rack]?.id)] },
        { ...watts(ratings.servers[index]), used: at(state.servers.powerW, index) },
        plan.limitW ?? Infinity,
      ),
    ),
    ...layout.racks.map(({ id, row, limitW }, index) =>
      ratedLevel(
        { level: 'rack', id, parents: [parent('row', layout.rows[row]?.plan.id)] },
        { ...watts(ratings.racks[index]), used: at(state.racks.powerW, index) },
        limitW,
      ),
    ),
    ...layout.rows.map(({ plan, ups, aisle }, index) =>
      ratedLevel(
        {
          ...{ level: 'row', id: plan.id },
          parents: [...feedersOf(state, ups), parent('aisle', ids[aisle])],
        },
        { ...watts(ratings.rows[index]), used: at(state.rows.powerW, index) },
        at(state.rows.limitW, index),
      ),
    ),
    ...layout.ups.map(({ id }, index) =>
      ratedLevel(
        { level: 'ups', id, parents: [] },
        { ...watts(ratings.ups[index]), used: at(state.ups.powerW, index) },
        at(state.ups.limitW, index),
      ),
    ),
    ...ids.map((id, index) => {
      const rating = ratings.aisles[index];
      const wPerM3s = (rating?.fullW ?? 0) / Math.max(1e-9, rating?.fullM3s ?? 0);
      return ratedLevel(
        { level: 'aisle', id, parents: [] },
        {
          idle: (rating?.idleM3s ?? 0) * wPerM3s,
          full: (rating?.fullM3s ?? 0) * wPerM3s,
          used: at(state.aisles.airflowDemandedM3s, index) * wPerM3s,
        },
        at(state.aisles.airflowSuppliedM3s, index) * wPerM3s,
      );
    }),
  ];
};

const parent = (level: ParentRef['level'], id = ''): ParentRef => ({ level, id });

/** The units that a row's power comes by: its own, or equal parts of the others where that is lost. */
const feedersOf = ({ layout, ups }: RoomState, own: number): readonly ParentRef[] => {
  const id = layout.ups[own]?.id;
  if (layout.plan.ups.redundancy === 'N' || at(ups.lost, own) === 0) return [parent('ups', id)];
  const alive = layout.ups.filter((_, unit) => at(ups.lost, unit) === 0);
  return alive.map((unit) => ({ level: 'ups', id: unit.id, share: 1 / alive.length }));
};

const ratedLevel = (
  of: Pick<LevelState, 'level' | 'id' | 'parents'>,
  { idle, full, used }: { readonly idle: number; readonly full: number; readonly used: number },
  limit: number,
): RatedLevel => ({
  ...of,
  ...{ usedW: used, predictedW: used, peakW: used, idleW: idle },
  limitW: limit < full || used >= limit ? limit : Infinity,
});

const at = (values: Float64Array, index: number): number => values[index] ?? 0;
