import type { RoomPlan } from '@isotherm/plant';
import { gpusOf } from './plan-lines.ts';

/** A plan for programs, with the names that its file has; what was left out there is left out here. */
export const planJson = ({ name, outside, cooling, aisles, ups, rows }: RoomPlan): object => ({
  name,
  outside: outsideJson(outside),
  cooling: { setpoint_c: cooling.setpointC },
  aisles: aisles.map(({ id, ahus }) => ({
    id,
    ahus: ahus.map((ahu) => ({
      ...{ id: ahu.id, airflow_m3s: ahu.airflowM3s, cooling_w: ahu.coolingW },
    })),
  })),
  ups: {
    redundancy: ups.redundancy,
    units: ups.units.map(({ id, capacityW }) => ({ id, capacity_w: capacityW })),
  },
  rows: rows.map((row) => ({
    ...{ id: row.id, aisle: row.aisle, ups: row.ups, limit_w: row.limitW },
    racks: row.racks.map((rack) => ({
      ...{ id: rack.id, limit_w: rack.limitW },
      servers: rack.servers.map((server) => ({
        ...{ id: server.id, kind: server.kind, tenant: server.tenant, gpus: gpusOf(server) },
        ...{ limit_w: server.limitW, place_bias_k: server.placeBiasK },
      })),
    })),
  })),
});

const outsideJson = (outside: RoomPlan['outside']): object => {
  switch (outside.kind) {
    case 'constant':
      return { kind: outside.kind, temperature_c: outside.temperatureC };
    case 'epw':
      return { kind: outside.kind, file: outside.file, start_hour: outside.startHour };
    case 'steps': {
      const points = outside.points.map((each) => ({
        ...{ at_s: each.atS, temperature_c: each.temperatureC },
      }));
      return { kind: outside.kind, points };
    }
    default:
      return outside satisfies never;
  }
};
