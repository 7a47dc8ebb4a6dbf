import type { Reading } from '../telemetry/reading.ts';
import type { Quantity } from '../telemetry/quantity.ts';
import { levelKey, type LevelRef } from '../topology/level.ts';
import { decodeRing, type HistoryRecord, piecesOf, type Resolution, resolutions } from './ring.ts';
import type { HistoryStore, KeyedPiece } from './store.ts';

/** What is recorded of each kind of level. */
const recorded: Readonly<Record<LevelRef['level'], readonly Quantity[]>> = {
  room: ['outside_c'],
  aisle: ['airflow_m3s', 'supply_c'],
  ups: ['power_w'],
  row: ['power_w'],
  rack: ['power_w'],
  server: ['inlet_c', 'power_w'],
  gpu: ['core_c', 'memory_c', 'power_w'],
};

export interface RecorderOptions {
  /** What all keys start with. */
  readonly prefix: string;
  /** Most series; those of higher levels go first. */
  readonly seriesMax: number;
  readonly nowMs: () => number;
}

/** Records what counts, at several resolutions, and reads it again. */
export interface Recorder {
  hear(reading: Reading): void;
  /** Writes what is done; keeps it, bounded, where that fails. */
  flush(): Promise<void>;
  /** Records of one series by resolution, finest first, with those that are not yet written. Undefined: not recorded. */
  read(of: LevelRef, quantity: Quantity): Promise<readonly SeriesPart[] | undefined>;
}

export interface SeriesPart {
  readonly resolution: Resolution;
  /** Oldest first. */
  readonly records: readonly HistoryRecord[];
}

interface Lane {
  readonly resolution: Resolution;
  open: { slot: number; min: number; max: number; sum: number; count: number } | undefined;
  done: HistoryRecord[];
}

/** Records of one series and resolution that wait for a store that is away. */
const waitingMax = 120;

export const createRecorder = (
  levels: readonly LevelRef[],
  store: HistoryStore,
  options: RecorderOptions,
): Recorder => {
  const series = new Map<string, readonly Lane[]>();
  for (const level of levels) {
    for (const quantity of recorded[level.level]) {
      if (series.size >= options.seriesMax) break;
      const lanes = resolutions.map((resolution) => ({ resolution, open: undefined, done: [] }));
      series.set(seriesKey(level, quantity), lanes);
    }
  }
  const keyOf = (name: string, { name: resolution }: Resolution): string =>
    `${options.prefix}:thermal:history:${resolution}:${name}`;

  const flush = async (): Promise<void> => {
    const pieces: KeyedPiece[] = [];
    const taken: (readonly [Lane, HistoryRecord[]])[] = [];
    for (const [name, lanes] of series) {
      for (const lane of lanes) {
        if (lane.done.length === 0) continue;
        const { resolution } = lane;
        const keptMs = 2 * resolution.records * resolution.spanS * 1000;
        const key = keyOf(name, resolution);
        pieces.push(...piecesOf(lane.done, resolution).map((each) => ({ ...each, key, keptMs })));
        taken.push([lane, lane.done]);
        lane.done = [];
      }
    }
    try {
      await store.write(pieces);
    } catch (error) {
      for (const [lane, records] of taken) {
        lane.done = [...records, ...lane.done].slice(-waitingMax);
      }
      throw error;
    }
  };

  return {
    hear: ({ of, quantity, value, atMs }) => {
      const lanes = series.get(seriesKey(of, quantity));
      if (lanes === undefined) return;
      for (const lane of lanes) add(lane, value, atMs);
    },
    flush,
    read: async (of, quantity) => {
      const name = seriesKey(of, quantity);
      const lanes = series.get(name);
      if (lanes === undefined) return undefined;
      return Promise.all(
        lanes.map(async (lane) => {
          const bytes = await store.read(keyOf(name, lane.resolution));
          const stored =
            bytes === undefined ? [] : decodeRing(bytes, lane.resolution, options.nowMs());
          return { resolution: lane.resolution, records: together(stored, lane) };
        }),
      );
    },
  };
};

const seriesKey = (of: LevelRef, quantity: Quantity): string => `${levelKey(of)}:${quantity}`;

const add = (lane: Lane, value: number, atMs: number): void => {
  const slot = Math.floor(atMs / 1000 / lane.resolution.spanS);
  const { open } = lane;
  if (open === undefined || slot > open.slot) {
    if (open !== undefined) lane.done.push(recordOf(open));
    if (lane.done.length > waitingMax) lane.done.shift();
    lane.open = { slot, min: value, max: value, sum: value, count: 1 };
  } else {
    // What is late counts to what is open: sources differ by moments.
    open.min = Math.min(open.min, value);
    open.max = Math.max(open.max, value);
    open.sum += value;
    open.count += 1;
  }
};

const recordOf = ({ slot, min, max, sum, count }: NonNullable<Lane['open']>): HistoryRecord => ({
  ...{ slot, min, max, count },
  mean: sum / count,
});

/** Stored, waiting and open; of two with the same slot the later counts. */
const together = (
  stored: readonly HistoryRecord[],
  { done, open }: Lane,
): readonly HistoryRecord[] => {
  const bySlot = new Map(stored.map((record) => [record.slot, record]));
  for (const record of done) bySlot.set(record.slot, record);
  if (open !== undefined) bySlot.set(open.slot, recordOf(open));
  return [...bySlot.values()].toSorted((one, other) => one.slot - other.slot);
};
