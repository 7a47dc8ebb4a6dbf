/** What heats a GPU, in the order of the columns of a usage. */
export const usageKinds = ['encode', 'prefill', 'decode'] as const;
export type UsageKind = (typeof usageKinds)[number];

/** How long stations worked at what, and at how much at once: sums over all time, of which a reader takes differences. */
export interface Usage {
  /** Work of a kind (its number in `usageKinds`) begins now; whatever was under way there ends. */
  begin(station: number, kind: number, batch: number): void;
  end(station: number): void;
  /** Milliseconds at a kind until now. */
  busyMs(station: number, kind: number): number;
  /** The same, each millisecond as often as there was work in the batch. */
  batchMs(station: number, kind: number): number;
}

const kinds = usageKinds.length;
const idle = -1;

export const createUsage = (time: Float64Array, stations: number): Usage => {
  const busy = new Float64Array(stations * kinds);
  const weighted = new Float64Array(stations * kinds);
  const current = new Int32Array(stations).fill(idle);
  const batches = new Int32Array(stations);
  const sinceMs = new Float64Array(stations);
  const end = (station: number): void => {
    const kind = current[station] as number;
    if (kind === idle) return;
    const column = station * kinds + kind;
    const lastedMs = (time[0] as number) - (sinceMs[station] as number);
    busy[column] = (busy[column] as number) + lastedMs;
    weighted[column] = (weighted[column] as number) + (batches[station] as number) * lastedMs;
    current[station] = idle;
  };
  const underWayMs = (station: number, kind: number): number =>
    current[station] === kind ? (time[0] as number) - (sinceMs[station] as number) : 0;
  return {
    end,
    begin: (station, kind, batch) => {
      end(station);
      current[station] = kind;
      batches[station] = batch;
      sinceMs[station] = time[0] as number;
    },
    busyMs: (station, kind) => (busy[station * kinds + kind] as number) + underWayMs(station, kind),
    batchMs: (station, kind) =>
      (weighted[station * kinds + kind] as number) +
      (batches[station] as number) * underWayMs(station, kind),
  };
};
