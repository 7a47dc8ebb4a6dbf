import { ratedGpusW, type ServerKind, serverClasses } from '../fitted/server-classes.ts';
import { steadyServerPowerW } from '../predict/server-power.ts';
import { assumedBreakerCurve } from '../predict/trip-curve.ts';
import type { OutsidePlan, RackPlan, RoomPlan, RowPlan, ServerPlan } from './room-plan.ts';

/** The shape of an example room, for tests, benches and simulations. */
export interface ExampleRoomOptions {
  readonly aisles: number;
  readonly rowsPerAisle: number;
  readonly racksPerRow: number;
  readonly serversPerRack: number;
  readonly kind: ServerKind;
  /** Every how manyth server is opaque; 0: none. */
  readonly opaqueEvery: number;
  readonly outside: OutsidePlan;
  /** Power, and airflow and cooling, that all servers take at their most ÷ what there is. */
  readonly powerOversubscription: number;
  readonly airOversubscription: number;
  /** Airflow beyond what all servers move at their rated power, before air is oversubscribed: 1 for none. */
  readonly airflowMargin: number;
  /** By how much places differ, as a multiple of the assumed 3 K from the coolest to the warmest. */
  readonly placeBiasScale: number;
}

export const demoRoomOptions: ExampleRoomOptions = {
  ...{ aisles: 2, rowsPerAisle: 2, racksPerRow: 2, serversPerRack: 3, kind: 'dgx-h100' },
  ...{ opaqueEvery: 3, outside: { kind: 'constant', temperatureC: 22 } },
  ...{ powerOversubscription: 1.2, airOversubscription: 1.05 },
  ...{ airflowMargin: 1, placeBiasScale: 1 },
};

const setpointC = 20;
const ahusPerAisle = 3;
const upsUnits = 4;

/** A room of like servers. Places differ: the higher in a rack and the nearer to the row's end, the warmer (assumed). */
export const exampleRoom = (options: Partial<ExampleRoomOptions> = {}): RoomPlan => {
  const all = { ...demoRoomOptions, ...options };
  const { server } = serverClasses[all.kind];
  const gpusW = ratedGpusW(serverClasses[all.kind]);
  const serverW = steadyServerPowerW(server, gpusW, gpusW);
  const airflowM3s = server.fans.airflowMaxM3s * server.fans.speedBusyShare;
  const rackServers = all.serversPerRack;
  const rowW = (serverW * rackServers * all.racksPerRow) / all.powerOversubscription;
  const rowCount = all.aisles * all.rowsPerAisle;
  const aisleM3s =
    (airflowM3s * rackServers * all.racksPerRow * all.rowsPerAisle * all.airflowMargin) /
    all.airOversubscription;
  const aisleW =
    (serverW * rackServers * all.racksPerRow * all.rowsPerAisle) / all.airOversubscription;
  return {
    ...{ name: 'example', outside: all.outside, cooling: { setpointC } },
    aisles: listOf(all.aisles, (aisle) => ({
      id: aisleId(aisle),
      ahus: listOf(ahusPerAisle, (ahu) => ({
        id: `${aisleId(aisle)}-ahu${ahu + 1}`,
        airflowM3s: rounded(aisleM3s / ahusPerAisle, 100),
        coolingW: rounded(aisleW / ahusPerAisle, 0.01),
      })),
    })),
    ups: {
      redundancy: '4N/3',
      units: listOf(upsUnits, (unit) => ({
        id: `u${unit + 1}`,
        // The reserve is in use: with one unit lost, the others carry 75 % of what rows may draw.
        capacityW: rounded(rowW * Math.ceil(rowCount / upsUnits), 0.01),
      })),
    },
    rows: listOf(rowCount, (row) =>
      rowOf(all, row, {
        limitW: rounded(rowW, 0.01),
        rackLimitW: rounded(serverW * rackServers, 0.01),
      }),
    ),
  };
};

const rowOf = (
  options: ExampleRoomOptions,
  row: number,
  { limitW, rackLimitW }: { readonly limitW: number; readonly rackLimitW: number },
): RowPlan => ({
  id: `r${row + 1}`,
  aisle: aisleId(Math.floor(row / options.rowsPerAisle)),
  ups: `u${(row % upsUnits) + 1}`,
  limitW,
  breaker: assumedBreakerCurve,
  racks: listOf(options.racksPerRow, (rack) => rackOf(options, row, rack, rackLimitW)),
});

const rackOf = (
  options: ExampleRoomOptions,
  row: number,
  rack: number,
  limitW: number,
): RackPlan => ({
  id: `r${row + 1}-k${rack + 1}`,
  limitW,
  servers: listOf(options.serversPerRack, (slot): ServerPlan => {
    const index = (row * options.racksPerRow + rack) * options.serversPerRack + slot;
    return {
      id: `r${row + 1}-k${rack + 1}-s${slot + 1}`,
      kind: options.kind,
      tenant: isEvery(index, options.opaqueEvery) ? 'opaque' : 'adjustable',
      placeBiasK: placeBiasK(options, rack, slot),
    };
  }),
});

/** Assumed: up to 2 K from the bottom to the top of a rack, 1 K from the middle to the ends of a row. */
const placeBiasK = (options: ExampleRoomOptions, rack: number, slot: number): number => {
  const height = options.serversPerRack > 1 ? slot / (options.serversPerRack - 1) : 0;
  const middle = (options.racksPerRow - 1) / 2;
  const end = middle > 0 ? Math.abs(rack - middle) / middle : 0;
  return rounded((2 * height + end) * options.placeBiasScale, 10);
};

const isEvery = (index: number, every: number): boolean => every > 0 && index % every === every - 1;

const aisleId = (index: number): string => `a${index + 1}`;

const listOf = <T>(length: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length }, (_, index) => make(index));

const rounded = (value: number, perUnit: number): number => Math.round(value * perUnit) / perUnit;
