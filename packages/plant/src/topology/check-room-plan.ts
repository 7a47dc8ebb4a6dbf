import { serverClasses } from '../fitted/server-classes.ts';
import { assumedBreakerCurve, type TripCurve } from '../predict/trip-curve.ts';
import { referenceProblems } from './check-references.ts';
import {
  type DocumentProblem,
  type DocumentReader,
  documentReader,
  cycleProblem,
} from '@isotherm/kernel';
import {
  type AislePlan,
  type OutsidePlan,
  type RackPlan,
  redundancies,
  type RoomPlan,
  type RowPlan,
  type ServerPlan,
  tenants,
  type UpsPlan,
} from './room-plan.ts';

/** A plan that can be stepped, or everything that is wrong with it. */
export type CheckedRoomPlan =
  | { readonly kind: 'ok'; readonly plan: RoomPlan }
  | { readonly kind: 'refused'; readonly problems: readonly DocumentProblem[] };

/** Widest values that a plan may have; outside them it is a slip of a unit. */
export const planRanges = {
  temperatureC: { min: -60, max: 60 },
  setpointC: { min: 10, max: 35 },
  airflowM3s: { min: 0.01, max: 500 },
  powerW: { min: 10, max: 100_000_000 },
  biasK: { min: -10, max: 15 },
  heatCapacityJk: { min: 1_000, max: 1e9 },
  couplingWk: { min: 1, max: 1e6 },
  loadShare: { min: 1, max: 50 },
  tripS: { min: 0.001, max: 86_400 },
  atS: { min: 0, max: 1e9 },
  hour: { min: 0, max: 8_783 },
} as const;

const rangesOf = planRanges;
const nameLengthMax = 64;
const fileLengthMax = 200;

/** Checks what a YAML or JSON parser returned: unknown keys, absurd numbers, ids, references, cycles, all at once. */
export const checkRoomPlan = (value: unknown): CheckedRoomPlan => {
  const cycle = cycleProblem(value);
  if (cycle !== undefined) return { kind: 'refused', problems: [cycle] };
  const reader = documentReader();
  const plan = readPlan(reader, value);
  const problems = [...reader.problems, ...referenceProblems(plan)];
  return problems.length === 0 ? { kind: 'ok', plan } : { kind: 'refused', problems };
};

const readPlan = (reader: DocumentReader, value: unknown): RoomPlan => {
  const keys = ['name', 'outside', 'cooling', 'aisles', 'ups', 'rows'];
  const room = reader.object(value, '', keys);
  const cooling = reader.object(room['cooling'], 'cooling', ['setpoint_c']);
  return {
    name: reader.text(room['name'], 'name', nameLengthMax),
    outside: readOutside(reader, room['outside']),
    cooling: {
      setpointC: reader.number(cooling['setpoint_c'], 'cooling.setpoint_c', rangesOf.setpointC),
    },
    aisles: reader.list(room['aisles'], 'aisles', (item, path) => readAisle(reader, item, path)),
    ups: readUps(reader, room['ups']),
    rows: reader.list(room['rows'], 'rows', (item, path) => readRow(reader, item, path)),
  };
};

const outsideKeys = {
  constant: ['kind', 'temperature_c'],
  epw: ['kind', 'file', 'start_hour'],
  steps: ['kind', 'points'],
} as const;

const readOutside = (reader: DocumentReader, value: unknown): OutsidePlan => {
  const path = 'outside';
  const outside = reader.object(value, path, [...new Set(Object.values(outsideKeys).flat())]);
  const kind = reader.oneOf(outside['kind'], `${path}.kind`, ['constant', 'epw', 'steps']);
  reader.object(outside, path, outsideKeys[kind]);
  switch (kind) {
    case 'constant':
      return { kind, temperatureC: readTemperature(reader, outside, path) };
    case 'epw':
      return {
        kind,
        file: reader.text(outside['file'], `${path}.file`, fileLengthMax),
        startHour: reader.number(outside['start_hour'] ?? 0, `${path}.start_hour`, rangesOf.hour),
      };
    case 'steps':
      return { kind, points: reader.list(outside['points'], `${path}.points`, readPoint(reader)) };
    default:
      return kind satisfies never;
  }
};

const readTemperature = (
  reader: DocumentReader,
  value: Readonly<Record<string, unknown>>,
  path: string,
): number => reader.number(value['temperature_c'], `${path}.temperature_c`, rangesOf.temperatureC);

const readPoint =
  (reader: DocumentReader) =>
  (value: unknown, path: string): { atS: number; temperatureC: number } => {
    const point = reader.object(value, path, ['at_s', 'temperature_c']);
    return {
      atS: reader.number(point['at_s'], `${path}.at_s`, rangesOf.atS),
      temperatureC: readTemperature(reader, point, path),
    };
  };

const readAisle = (reader: DocumentReader, value: unknown, path: string): AislePlan => {
  const keys = ['id', 'ahus', 'air_j_per_k', 'metal_j_per_k', 'coupling_w_per_k'];
  const aisle = reader.object(value, path, keys);
  const optional = (key: string, range: { min: number; max: number }): number | undefined =>
    reader.optionalNumber(aisle[key], `${path}.${key}`, range);
  return {
    id: reader.id(aisle['id'], `${path}.id`),
    ahus: reader.list(aisle['ahus'], `${path}.ahus`, (item, ahuPath) => {
      const ahu = reader.object(item, ahuPath, ['id', 'airflow_m3s', 'cooling_w']);
      return {
        id: reader.id(ahu['id'], `${ahuPath}.id`),
        airflowM3s: reader.number(
          ...([ahu['airflow_m3s'], `${ahuPath}.airflow_m3s`, rangesOf.airflowM3s] as const),
        ),
        coolingW: reader.optionalNumber(
          ...([ahu['cooling_w'], `${ahuPath}.cooling_w`, rangesOf.powerW] as const),
        ),
      };
    }),
    airJk: optional('air_j_per_k', rangesOf.heatCapacityJk),
    metalJk: optional('metal_j_per_k', rangesOf.heatCapacityJk),
    couplingWk: optional('coupling_w_per_k', rangesOf.couplingWk),
  };
};

const readUps = (reader: DocumentReader, value: unknown): UpsPlan => {
  const ups = reader.object(value, 'ups', ['redundancy', 'units']);
  return {
    redundancy: reader.oneOf(ups['redundancy'], 'ups.redundancy', redundancies),
    units: reader.list(ups['units'], 'ups.units', (item, path) => {
      const unit = reader.object(item, path, ['id', 'capacity_w']);
      return {
        id: reader.id(unit['id'], `${path}.id`),
        capacityW: reader.number(unit['capacity_w'], `${path}.capacity_w`, rangesOf.powerW),
      };
    }),
  };
};

const readRow = (reader: DocumentReader, value: unknown, path: string): RowPlan => {
  const keys = ['id', 'aisle', 'ups', 'limit_w', 'breaker', 'racks'];
  const row = reader.object(value, path, keys);
  return {
    id: reader.id(row['id'], `${path}.id`),
    aisle: reader.id(row['aisle'], `${path}.aisle`),
    ups: reader.id(row['ups'], `${path}.ups`),
    limitW: reader.number(row['limit_w'], `${path}.limit_w`, rangesOf.powerW),
    breaker: readCurve(reader, row['breaker'], `${path}.breaker`),
    racks: reader.list(row['racks'], `${path}.racks`, (item, rackPath) =>
      readRack(reader, item, rackPath),
    ),
  };
};

/** Loads rise and times fall from point to point. */
const readCurve = (reader: DocumentReader, value: unknown, path: string): TripCurve => {
  if (value === undefined) return assumedBreakerCurve;
  const curve = reader.list(value, path, (item, pointPath) => {
    const point = reader.object(item, pointPath, ['load_share', 'trip_s']);
    return {
      loadShare: reader.number(
        ...([point['load_share'], `${pointPath}.load_share`, rangesOf.loadShare] as const),
      ),
      tripS: reader.number(point['trip_s'], `${pointPath}.trip_s`, rangesOf.tripS),
    };
  });
  curve.forEach((point, index) => {
    const below = curve[index - 1];
    if (below === undefined) return;
    if (point.loadShare > below.loadShare && point.tripS <= below.tripS) return;
    reader.problem(`${path}[${index}]`, 'must have a higher load and a shorter time than before');
  });
  return curve;
};

const readRack = (reader: DocumentReader, value: unknown, path: string): RackPlan => {
  const rack = reader.object(value, path, ['id', 'limit_w', 'servers']);
  return {
    id: reader.id(rack['id'], `${path}.id`),
    limitW: reader.number(rack['limit_w'], `${path}.limit_w`, rangesOf.powerW),
    servers: reader.list(rack['servers'], `${path}.servers`, (item, serverPath) =>
      readServer(reader, item, serverPath),
    ),
  };
};

const kinds = Object.keys(serverClasses) as [string, ...string[]];

const readServer = (reader: DocumentReader, value: unknown, path: string): ServerPlan => {
  const keys = ['id', 'kind', 'tenant', 'limit_w', 'place_bias_k'];
  const server = reader.object(value, path, keys);
  return {
    id: reader.id(server['id'], `${path}.id`),
    kind: reader.oneOf(server['kind'], `${path}.kind`, kinds),
    tenant: reader.oneOf(server['tenant'], `${path}.tenant`, tenants),
    limitW: reader.optionalNumber(server['limit_w'], `${path}.limit_w`, rangesOf.powerW),
    placeBiasK: reader.number(
      ...([server['place_bias_k'] ?? 0, `${path}.place_bias_k`, rangesOf.biasK] as const),
    ),
  };
};
