import {
  airHeatJPerM3K,
  conditionsOf,
  type Disturbance,
  type Rating,
  type Ratings,
  type RoomLayout,
  type RoomState,
} from '@isotherm/plant';
import { isFresh, type TelemetryBook } from '../telemetry/book.ts';
import type { Quantity } from '../telemetry/quantity.ts';
import { type Level, levelKey, type LevelRef } from '../topology/level.ts';
import type { RoomIndex } from '../topology/room-index.ts';

/** One level with what it uses and may use. Of an aisle it is air, in m³/s; else power, in W. */
export interface LevelUse {
  readonly of: LevelRef;
  readonly parents: readonly LevelParent[];
  readonly used: number;
  readonly limit: number;
  readonly nominal: number;
  readonly predicted: readonly number[];
  /** What it uses when all below is idle, and when all below is at its rated power. */
  readonly idle: number;
  readonly full: number;
  /** Watts for one unit of it: 1, or what a cubic metre of air a second carries at full load. */
  readonly wPerUnit: number;
  /** Of an aisle: temperature of what is supplied. */
  readonly supplyC: number | undefined;
  /** Nothing comes through it: a UPS that is lost, a breaker that is open. */
  readonly dark: boolean;
}

export interface LevelParent extends LevelRef {
  /** The share of what is drawn here that comes by way of it. */
  readonly share: number;
}

export interface LevelInput {
  readonly index: RoomIndex;
  readonly ratings: Ratings;
  readonly book: TelemetryBook;
  readonly nowMs: number;
  readonly staleMs: number;
  readonly now: RoomState;
  /** Has the limits and what is lost: `now`, or a state that is supposed. */
  readonly limits: RoomState;
  readonly predicted: readonly RoomState[];
  readonly disturbances: readonly Disturbance[];
  /** Watts by which what is predicted of a server may be too little; absent: none. */
  readonly marginW?: (server: number) => number;
}

export const usesByKey = (uses: readonly LevelUse[]): ReadonlyMap<string, LevelUse> =>
  new Map(uses.map((use) => [levelKey(use.of), use]));

/** Every level above GPUs, now and predicted. A meter's reading goes before the sum of what is below it. */
export const levelUses = (given: LevelInput): readonly LevelUse[] => {
  const input = { ...given, margins: marginsOf(given) };
  return [
    ...serverUses(input),
    ...rackUses(input),
    ...rowUses(input),
    ...upsUses(input),
    ...aisleUses(input),
  ];
};

const reading = (
  { book, nowMs, staleMs }: LevelInput,
  level: Level,
  id: string,
  quantity: Quantity,
): number | undefined => {
  const latest = book.latest({ level, id }, quantity);
  return latest !== undefined && isFresh(latest, nowMs, staleMs) ? latest.value : undefined;
};

/** The meter's value now; predictions are off by as much as the model is off now. */
const metered = (
  input: MarginedInput,
  { level, id }: LevelRef,
  quantity: Quantity,
  model: (state: RoomState) => number,
  isBelow: (place: ServerPlace, server: number) => boolean = () => false,
): Pick<LevelUse, 'used' | 'predicted'> => {
  const modelled = model(input.now);
  const used = reading(input, level, id, quantity) ?? modelled;
  const marginW = input.margins
    .filter(({ place, server }) => isBelow(place, server))
    .reduce((sum, each) => sum + each.marginW, 0);
  const predicted = input.predicted.map((state) =>
    Math.max(0, model(state) + used - modelled + marginW),
  );
  return { used, predicted };
};

type ServerPlace = RoomLayout['servers'][number];

/** A server whose model has drifted, and by how many watts. */
interface Margin {
  readonly place: ServerPlace;
  readonly server: number;
  readonly marginW: number;
}

interface MarginedInput extends LevelInput {
  readonly margins: readonly Margin[];
}

const marginsOf = ({ index, marginW = () => 0 }: LevelInput): readonly Margin[] =>
  index.layout.servers.flatMap((place, server) => {
    const own = marginW(server);
    return own > 0 ? [{ place, server, marginW: own }] : [];
  });

const watts = (rating: Rating | undefined) => ({
  ...{ idle: rating?.idleW ?? 0, full: rating?.fullW ?? 0 },
  ...{ wPerUnit: 1, supplyC: undefined, dark: false },
});

const serverUses = (input: MarginedInput): readonly LevelUse[] =>
  input.index.layout.servers.map(({ plan, rack }, server) => {
    const of: LevelRef = { level: 'server', id: plan.id };
    const rating = input.ratings.servers[server];
    const limit = plan.limitW ?? rating?.fullW ?? 0;
    const above = input.index.layout.racks[rack]?.id ?? '';
    return {
      ...{ of, limit, nominal: limit, ...watts(rating) },
      parents: [{ level: 'rack', id: above, share: 1 }],
      ...metered(
        input,
        of,
        'power_w',
        (state) => state.servers.powerW[server] ?? 0,
        (_, at) => at === server,
      ),
    };
  });

const rackUses = (input: MarginedInput): readonly LevelUse[] =>
  input.index.layout.racks.map(({ id, limitW, row }, rack) => {
    const of: LevelRef = { level: 'rack', id };
    const above = input.index.layout.rows[row]?.plan.id ?? '';
    const limit = Math.min(limitW, reading(input, 'rack', id, 'capacity_w') ?? Infinity);
    return {
      ...{ of, limit, nominal: limitW, ...watts(input.ratings.racks[rack]) },
      parents: [{ level: 'row', id: above, share: 1 }],
      ...metered(
        input,
        of,
        'power_w',
        (state) => state.racks.powerW[rack] ?? 0,
        (place) => place.rack === rack,
      ),
    };
  });

const rowUses = (input: MarginedInput): readonly LevelUse[] =>
  input.index.layout.rows.map(({ plan, ups }, row) => {
    const of: LevelRef = { level: 'row', id: plan.id };
    const told = reading(input, 'row', plan.id, 'capacity_w') ?? Infinity;
    return {
      ...{ of, nominal: plan.limitW, ...watts(input.ratings.rows[row]) },
      limit: Math.min(input.limits.rows.limitW[row] ?? 0, told),
      parents: [...feeders(input, ups), { level: 'aisle', id: plan.aisle, share: 1 }],
      ...metered(
        input,
        of,
        'power_w',
        (state) => state.rows.powerW[row] ?? 0,
        (place) => place.row === row,
      ),
    };
  });

/** The UPS units that a row's power comes by: its own, or equal parts of the others where that is lost. */
const feeders = ({ index, limits }: LevelInput, ups: number): readonly LevelParent[] => {
  const own = index.layout.ups[ups];
  if (own === undefined) return [];
  if (index.plan.ups.redundancy === 'N' || limits.ups.lost[ups] !== 1) {
    return [{ level: 'ups', id: own.id, share: 1 }];
  }
  const alive = index.layout.ups.filter((_, unit) => limits.ups.lost[unit] !== 1);
  return alive.map(({ id }) => ({ level: 'ups', id, share: 1 / alive.length }));
};

const upsUses = (input: MarginedInput): readonly LevelUse[] => {
  const { layout } = input.index;
  const fed = layout.ups.map((_, unit) =>
    layout.rows.reduce(
      (sum, { ups }, row) => sum + (ups === unit ? (input.ratings.rows[row]?.fullW ?? 0) : 0),
      0,
    ),
  );
  const idle = layout.ups.map((_, unit) =>
    layout.rows.reduce(
      (sum, { ups }, row) => sum + (ups === unit ? (input.ratings.rows[row]?.idleW ?? 0) : 0),
      0,
    ),
  );
  return layout.ups.map(({ id, capacityW }, unit) => {
    const of: LevelRef = { level: 'ups', id };
    const told = reading(input, 'ups', id, 'capacity_w') ?? Infinity;
    const limit = Math.min(input.limits.ups.limitW[unit] ?? 0, told);
    return {
      ...{ of, parents: [], limit, nominal: capacityW, wPerUnit: 1, supplyC: undefined },
      ...{ idle: idle[unit] ?? 0, full: fed[unit] ?? 0, dark: limit <= 0 },
      ...metered(
        input,
        of,
        'power_w',
        (state) => state.ups.powerW[unit] ?? 0,
        (place) => layout.rows[place.row]?.ups === unit,
      ),
    };
  });
};

/** Watts for which a cubic metre of air a second is moved at full load. */
const wPerM3sOf = ({ fullW, fullM3s }: Rating): number =>
  // An aisle without servers: any figure does, as long as it is one.
  fullM3s > 0 ? fullW / fullM3s : airHeatJPerM3K * emptyRiseK;

const emptyRiseK = 15;

const aisleUses = (input: MarginedInput): readonly LevelUse[] => {
  const { coolingShare, lostAhus } = conditionsOf(input.disturbances);
  return input.index.layout.aisles.map(({ plan, ahus }, aisle) => {
    const of: LevelRef = { level: 'aisle', id: plan.id };
    const rating = input.ratings.aisles[aisle];
    const wPerUnit = rating === undefined ? 1 : wPerM3sOf(rating);
    const share = coolingShare.get(plan.id) ?? 1;
    const living = ahus.filter(({ id }) => !lostAhus.has(id));
    // Air that is moved but not cooled is no air to count on.
    const coolable = (list: typeof ahus): number =>
      list.reduce(
        (sum, { airflowM3s, coolingW }) => sum + Math.min(airflowM3s, coolingW / wPerUnit),
        0,
      );
    const told = reading(input, 'aisle', plan.id, 'capacity_m3s') ?? Infinity;
    return {
      ...{ of, parents: [], wPerUnit, dark: false },
      ...{ idle: rating?.idleM3s ?? 0, full: rating?.fullM3s ?? 0 },
      ...{ limit: Math.min(share * coolable(living), told), nominal: coolable(ahus) },
      supplyC: reading(input, 'aisle', plan.id, 'supply_c') ?? input.now.aisles.supplyC[aisle],
      ...metered(input, of, 'airflow_m3s', (state) => state.aisles.airflowDemandedM3s[aisle] ?? 0),
    };
  });
};
