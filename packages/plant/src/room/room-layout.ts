import { uniformAt } from '@isotherm/kernel';
import {
  gpuClassOf,
  ratedGpusW,
  type ServerClass,
  serverClassOf,
} from '../fitted/server-classes.ts';
import type { GpuClass } from '../fitted/gpu-class.ts';
import { airHeatJPerM3K } from '../predict/air.ts';
import type { GpuThermalParameters } from '../predict/gpu-temperature.ts';
import { steadyServerPowerW } from '../predict/server-power.ts';
import { type GpuId, gpuId } from '../topology/place.ts';
import type {
  AislePlan,
  RoomPlan,
  RowPlan,
  ServerPlan,
  UpsUnitPlan,
} from '../topology/room-plan.ts';
import type { RoomSettings } from './room-settings.ts';

/** A plan with everything found beforehand that a step would have to look for: indices instead of ids. */
export interface RoomLayout {
  readonly plan: RoomPlan;
  readonly settings: RoomSettings;
  readonly gpus: readonly GpuPlace[];
  readonly gpuIndex: ReadonlyMap<GpuId, number>;
  readonly servers: readonly ServerPlace[];
  readonly racks: readonly RackPlace[];
  readonly rows: readonly RowPlace[];
  readonly ups: readonly UpsUnitPlan[];
  readonly aisles: readonly AislePlace[];
  /** What all servers draw when every GPU draws its rated power. */
  readonly ratedW: number;
}

export interface GpuPlace {
  readonly id: GpuId;
  readonly server: number;
  readonly kind: GpuClass;
  /** The class's, with this GPU's place and spread. */
  readonly thermal: GpuThermalParameters;
}

export interface ServerPlace {
  readonly plan: ServerPlan;
  readonly kind: ServerClass;
  readonly firstGpu: number;
  readonly gpuCount: number;
  readonly gpusRatedW: number;
  readonly rack: number;
  readonly row: number;
  readonly aisle: number;
}

export interface RackPlace {
  readonly id: string;
  readonly limitW: number;
  readonly row: number;
}

export interface RowPlace {
  readonly plan: RowPlan;
  readonly ups: number;
  readonly aisle: number;
}

export interface AislePlace {
  readonly plan: AislePlan;
  readonly airJk: number;
  readonly metalJk: number;
  readonly couplingWk: number;
  readonly wallWk: number;
  readonly ahus: readonly { readonly id: string; airflowM3s: number; coolingW: number }[];
}

/** How much GPUs of a class differ: rises are scaled by up to this much either way. */
export interface SpreadOptions {
  readonly seed: number;
  readonly riseSpreadShare: number;
}

/** Throws for a plan that `checkRoomPlan` would refuse for its kinds or references. */
export const layOut = (
  plan: RoomPlan,
  settings: RoomSettings,
  spread: SpreadOptions,
): RoomLayout => {
  const rows = plan.rows.map((row) => ({
    plan: row,
    ups: indexOf(plan.ups.units, row.ups),
    aisle: indexOf(plan.aisles, row.aisle),
  }));
  const racks = rows.flatMap(({ plan: { racks: list } }, row) =>
    list.map(({ id, limitW, servers }) => ({ id, limitW, row, servers })),
  );
  const servers = placeServers(racks, rows);
  const gpus = servers.flatMap((server, index) => placeGpus(server, index, spread));
  return {
    ...{ plan, settings, gpus, servers, rows, ups: plan.ups.units },
    gpuIndex: new Map(gpus.map(({ id }, index) => [id, index])),
    racks: racks.map(({ id, limitW, row }) => ({ id, limitW, row })),
    aisles: plan.aisles.map((aisle, index) => {
      const rackCount = racks.filter(({ row }) => rows[row]?.aisle === index).length;
      return placeAisle(aisle, rackCount, settings);
    }),
    ratedW: servers.reduce(
      (sum, { kind, gpusRatedW }) => sum + steadyServerPowerW(kind.server, gpusRatedW, gpusRatedW),
      0,
    ),
  };
};

const placeServers = (
  racks: readonly { readonly row: number; readonly servers: readonly ServerPlan[] }[],
  rows: readonly RowPlace[],
): readonly ServerPlace[] => {
  let firstGpu = 0;
  return racks.flatMap(({ row, servers }, rack) =>
    servers.map((plan) => {
      const kind = serverClassOf(plan.kind);
      if (kind === undefined) throw new RangeError(`no server class ${plan.kind}`);
      const gpuCount = kind.gpuBiasK.length;
      const aisle = rows[row]?.aisle ?? 0;
      const place = { plan, kind, firstGpu, gpuCount, gpusRatedW: ratedGpusW(kind) };
      firstGpu += gpuCount;
      return { ...place, rack, row, aisle };
    }),
  );
};

const placeGpus = (
  { plan, kind, firstGpu }: ServerPlace,
  server: number,
  spread: SpreadOptions,
): readonly GpuPlace[] =>
  kind.gpuBiasK.map((biasK, index) => {
    const id = gpuId(plan.id, index);
    const gpu = gpuClassOf(kind);
    const scale = 1 + spread.riseSpreadShare * (2 * uniformAt(spread.seed, firstGpu + index) - 1);
    const thermal = {
      ...gpu.thermal,
      offsetK: gpu.thermal.offsetK + biasK,
      riseScale: gpu.thermal.riseScale * scale,
    };
    return { id, server, kind: gpu, thermal };
  });

const placeAisle = (
  plan: AislePlan,
  rackCount: number,
  { perRack, coilRiseK }: RoomSettings,
): AislePlace => {
  const racks = Math.max(1, rackCount);
  return {
    plan,
    airJk: plan.airJk ?? perRack.airJk * racks,
    metalJk: plan.metalJk ?? perRack.metalJk * racks,
    couplingWk: plan.couplingWk ?? perRack.couplingWk * racks,
    wallWk: perRack.wallWk * racks,
    ahus: plan.ahus.map(({ id, airflowM3s, coolingW }) => ({
      ...{ id, airflowM3s },
      coolingW: coolingW ?? airHeatJPerM3K * airflowM3s * coilRiseK,
    })),
  };
};

const indexOf = (list: readonly { readonly id: string }[], id: string): number => {
  const index = list.findIndex((item) => item.id === id);
  if (index < 0) throw new RangeError(`the plan has no ${id}`);
  return index;
};
