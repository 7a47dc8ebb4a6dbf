import type { RoomLayout } from './room-layout.ts';

/**
 * Everything that a room remembers between steps: columns over the layout's indices, so that a room of a thousand GPUs
 * can be copied and stepped in well under a millisecond. `snapshotOf` makes it readable. Nothing outside the step
 * writes to it.
 */
export interface RoomState {
  /** What the columns stand for; the same for all states of a room. */
  readonly layout: RoomLayout;
  readonly atS: number;
  readonly gpus: GpuColumns;
  readonly servers: ServerColumns;
  readonly racks: { readonly powerW: Float64Array };
  readonly rows: RowColumns;
  readonly ups: UpsColumns;
  readonly aisles: AisleColumns;
}

export interface GpuColumns {
  readonly sinkC: Float64Array;
  readonly fastK: Float64Array;
  readonly memoryK: Float64Array;
  readonly powerW: Float64Array;
  /** The part of the power that goes into the memory. */
  readonly memoryW: Float64Array;
  /** Granted in the last step. */
  readonly clockShare: Float64Array;
  /** Where the software's thermal control holds the clock. */
  readonly thermalClockShare: Float64Array;
  readonly reasons: Float64Array;
  /** 1 while a hardware slowdown lasts. */
  readonly slowed: Float64Array;
  /** 1 from reaching its shutdown temperature until its server is restarted. */
  readonly shutDown: Float64Array;
  /** 1 while work is throttled by heat, and by power. */
  readonly hot: Float64Array;
  readonly capped: Float64Array;
  /** How often, and for how long, clocks were lowered by heat and by power; while there was work. */
  readonly thermalEvents: Float64Array;
  readonly powerEvents: Float64Array;
  readonly thermalS: Float64Array;
  readonly powerS: Float64Array;
}

export interface ServerColumns {
  readonly powerW: Float64Array;
  readonly fanSpeedShare: Float64Array;
  readonly inletC: Float64Array;
  /** 1 once it switched itself off because of its inlet. */
  readonly stopped: Float64Array;
}

export interface RowColumns {
  readonly powerW: Float64Array;
  readonly limitW: Float64Array;
  /** How much of its time to trip the breaker has used up. */
  readonly tripShare: Float64Array;
  readonly tripped: Float64Array;
  /** 1 while the row has power. */
  readonly live: Float64Array;
  /** 1 while the power brake is pulled. */
  readonly braked: Float64Array;
  /** How long what would pull the brake, or let it go, has lasted. */
  readonly brakeS: Float64Array;
  readonly overS: Float64Array;
}

export interface UpsColumns {
  /** With what it took over from lost units. */
  readonly powerW: Float64Array;
  readonly limitW: Float64Array;
  readonly tripShare: Float64Array;
  readonly tripped: Float64Array;
  readonly lost: Float64Array;
  readonly overS: Float64Array;
}

export interface AisleColumns {
  /** Air that comes back from the servers, and the metal around it. */
  readonly returnC: Float64Array;
  readonly metalC: Float64Array;
  readonly supplyC: Float64Array;
  /** What servers breathe before their places' bias. */
  readonly inletC: Float64Array;
  readonly airflowDemandedM3s: Float64Array;
  readonly airflowSuppliedM3s: Float64Array;
  readonly powerW: Float64Array;
  /** Heat that the AHUs take. */
  readonly heatRemovedW: Float64Array;
}

/** A state of this layout with all columns zero. */
export const blankState = (layout: RoomLayout): RoomState => {
  const column = (length: number) => (): Float64Array => new Float64Array(length);
  const gpu = column(layout.gpus.length);
  const server = column(layout.servers.length);
  const row = column(layout.rows.length);
  const ups = column(layout.ups.length);
  const aisle = column(layout.aisles.length);
  return {
    layout,
    atS: 0,
    gpus: {
      ...{ sinkC: gpu(), fastK: gpu(), memoryK: gpu(), powerW: gpu(), memoryW: gpu() },
      ...{ clockShare: gpu(), thermalClockShare: gpu(), reasons: gpu(), slowed: gpu() },
      ...{ shutDown: gpu(), hot: gpu(), capped: gpu(), thermalEvents: gpu(), powerEvents: gpu() },
      ...{ thermalS: gpu(), powerS: gpu() },
    },
    servers: { powerW: server(), fanSpeedShare: server(), inletC: server(), stopped: server() },
    racks: { powerW: new Float64Array(layout.racks.length) },
    rows: {
      ...{ powerW: row(), limitW: row(), tripShare: row(), tripped: row(), live: row() },
      ...{ braked: row(), brakeS: row(), overS: row() },
    },
    ups: {
      ...{ powerW: ups(), limitW: ups(), tripShare: ups(), tripped: ups(), lost: ups() },
      overS: ups(),
    },
    aisles: {
      ...{ returnC: aisle(), metalC: aisle(), supplyC: aisle(), inletC: aisle() },
      ...{ airflowDemandedM3s: aisle(), airflowSuppliedM3s: aisle() },
      ...{ powerW: aisle(), heatRemovedW: aisle() },
    },
  };
};

/** A copy that shares no memory. */
export const copyState = (state: RoomState): RoomState => ({
  layout: state.layout,
  atS: state.atS,
  gpus: copyColumns(state.gpus),
  servers: copyColumns(state.servers),
  racks: copyColumns(state.racks),
  rows: copyColumns(state.rows),
  ups: copyColumns(state.ups),
  aisles: copyColumns(state.aisles),
});

const copyColumns = <T extends { readonly [Name in keyof T]: Float64Array }>(columns: T): T =>
  Object.fromEntries(
    Object.entries<Float64Array>(columns).map(([name, values]) => [name, values.slice()]),
  ) as T;

/** An index that the layout made always lies within; the type checker cannot know. */
export const at = (values: Float64Array, index: number): number => values[index] ?? 0;
