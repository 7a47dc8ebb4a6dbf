import { airRiseK } from '../predict/air.ts';
import { fanAirflowM3s } from '../predict/server-power.ts';
import { secondsUntilTrip } from '../predict/trip-curve.ts';
import type { GpuId } from '../topology/place.ts';
import type { Tenant } from '../topology/room-plan.ts';
import { at, type RoomState } from './room-state.ts';
import { type ThrottleReason, throttleReasonsOf } from './throttle-reasons.ts';

/** A room as one would read it off its instruments. */
export interface RoomSnapshot {
  readonly atS: number;
  readonly gpus: readonly GpuSnapshot[];
  readonly servers: readonly ServerSnapshot[];
  readonly racks: readonly RackSnapshot[];
  readonly rows: readonly RowSnapshot[];
  readonly ups: readonly UpsSnapshot[];
  readonly aisles: readonly AisleSnapshot[];
}

export interface GpuSnapshot {
  readonly id: GpuId;
  readonly server: string;
  readonly coreC: number;
  readonly memoryC: number;
  readonly powerW: number;
  /** Granted. */
  readonly clockShare: number;
  readonly throttleReasons: readonly ThrottleReason[];
  readonly shutDown: boolean;
  readonly throttled: Throttled;
}

/** How often and for how long clocks were lowered while there was work, since the room began. */
export interface Throttled {
  readonly thermalEvents: number;
  readonly thermalS: number;
  readonly powerEvents: number;
  readonly powerS: number;
}

export interface ServerSnapshot {
  readonly id: string;
  readonly kind: string;
  readonly tenant: Tenant;
  readonly rack: string;
  readonly row: string;
  readonly aisle: string;
  readonly inletC: number;
  readonly exhaustC: number;
  readonly powerW: number;
  readonly limitW?: number | undefined;
  readonly fanSpeedShare: number;
  readonly airflowM3s: number;
  /** `off`: its row is dark. `stopped`: it switched itself off because of its inlet. */
  readonly state: 'on' | 'off' | 'stopped';
}

export interface RackSnapshot {
  readonly id: string;
  readonly row: string;
  readonly powerW: number;
  readonly limitW: number;
}

/** A breaker, and how long it carries the load that it has now. */
export interface BreakerSnapshot {
  readonly kind: 'closed' | 'open';
  readonly tripShare: number;
  readonly untilTripS: number;
}

export interface RowSnapshot {
  readonly id: string;
  readonly aisle: string;
  readonly ups: string;
  readonly powerW: number;
  readonly limitW: number;
  readonly breaker: BreakerSnapshot;
  readonly braked: boolean;
  readonly overS: number;
}

export interface UpsSnapshot {
  readonly id: string;
  readonly powerW: number;
  readonly limitW: number;
  readonly state: 'on' | 'lost' | 'tripped';
  readonly tripShare: number;
  readonly overS: number;
}

export interface AisleSnapshot {
  readonly id: string;
  readonly supplyC: number;
  readonly inletC: number;
  readonly returnC: number;
  readonly metalC: number;
  readonly airflowDemandedM3s: number;
  readonly airflowSuppliedM3s: number;
  readonly powerW: number;
  readonly heatRemovedW: number;
}

export const snapshotOf = (state: RoomState): RoomSnapshot => ({
  atS: state.atS,
  gpus: gpuSnapshots(state),
  servers: serverSnapshots(state),
  racks: state.layout.racks.map(({ id, limitW, row }, index) => ({
    ...{ id, limitW, row: state.layout.rows[row]?.plan.id ?? '' },
    powerW: at(state.racks.powerW, index),
  })),
  rows: rowSnapshots(state),
  ups: upsSnapshots(state),
  aisles: aisleSnapshots(state),
});

const gpuSnapshots = ({ layout, gpus }: RoomState): readonly GpuSnapshot[] =>
  layout.gpus.map(({ id, server, thermal }, index) => {
    const sinkC = at(gpus.sinkC, index);
    return {
      id,
      server: layout.servers[server]?.plan.id ?? '',
      coreC: sinkC + at(gpus.fastK, index),
      memoryC: sinkC + thermal.memory.offsetK + at(gpus.memoryK, index),
      powerW: at(gpus.powerW, index),
      clockShare: at(gpus.clockShare, index),
      throttleReasons: throttleReasonsOf(at(gpus.reasons, index)),
      shutDown: at(gpus.shutDown, index) === 1,
      throttled: {
        thermalEvents: at(gpus.thermalEvents, index),
        thermalS: at(gpus.thermalS, index),
        powerEvents: at(gpus.powerEvents, index),
        powerS: at(gpus.powerS, index),
      },
    };
  });

const serverSnapshots = ({ layout, servers, rows }: RoomState): readonly ServerSnapshot[] =>
  layout.servers.map(({ plan, kind, rack, row, aisle }, index) => {
    const fanSpeedShare = at(servers.fanSpeedShare, index);
    const airflowM3s = fanAirflowM3s(kind.server.fans, fanSpeedShare);
    const powerW = at(servers.powerW, index);
    const inletC = at(servers.inletC, index);
    const isStopped = at(servers.stopped, index) === 1;
    return {
      ...{ id: plan.id, kind: plan.kind, tenant: plan.tenant },
      rack: layout.racks[rack]?.id ?? '',
      row: layout.rows[row]?.plan.id ?? '',
      aisle: layout.aisles[aisle]?.plan.id ?? '',
      ...{ inletC, exhaustC: inletC + airRiseK(powerW, airflowM3s), powerW },
      ...{ limitW: plan.limitW, fanSpeedShare, airflowM3s },
      state: isStopped ? 'stopped' : at(rows.live, row) === 1 ? 'on' : 'off',
    };
  });

const rowSnapshots = ({ layout, rows }: RoomState): readonly RowSnapshot[] =>
  layout.rows.map(({ plan, ups, aisle }, index) => {
    const powerW = at(rows.powerW, index);
    const limitW = at(rows.limitW, index);
    const tripShare = at(rows.tripShare, index);
    return {
      id: plan.id,
      aisle: layout.aisles[aisle]?.plan.id ?? '',
      ups: layout.ups[ups]?.id ?? '',
      ...{ powerW, limitW },
      breaker: {
        kind: at(rows.tripped, index) === 1 ? 'open' : 'closed',
        tripShare,
        untilTripS: secondsUntilTrip(tripShare, plan.breaker, powerW / limitW),
      },
      braked: at(rows.braked, index) === 1,
      overS: at(rows.overS, index),
    };
  });

const upsSnapshots = ({ layout, ups }: RoomState): readonly UpsSnapshot[] =>
  layout.ups.map(({ id }, index) => ({
    id,
    powerW: at(ups.powerW, index),
    limitW: at(ups.limitW, index),
    state: at(ups.tripped, index) === 1 ? 'tripped' : at(ups.lost, index) === 1 ? 'lost' : 'on',
    tripShare: at(ups.tripShare, index),
    overS: at(ups.overS, index),
  }));

const aisleSnapshots = ({ layout, aisles }: RoomState): readonly AisleSnapshot[] =>
  layout.aisles.map(({ plan }, index) => ({
    id: plan.id,
    supplyC: at(aisles.supplyC, index),
    inletC: at(aisles.inletC, index),
    returnC: at(aisles.returnC, index),
    metalC: at(aisles.metalC, index),
    airflowDemandedM3s: at(aisles.airflowDemandedM3s, index),
    airflowSuppliedM3s: at(aisles.airflowSuppliedM3s, index),
    powerW: at(aisles.powerW, index),
    heatRemovedW: at(aisles.heatRemovedW, index),
  }));
