/** Some readings of one series together. */
export interface HistoryRecord {
  /** Number of its time span since 1970: its begin divided by the resolution. */
  readonly slot: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly count: number;
}

/** A ring of records in one key: so long, each for so many seconds. */
export interface Resolution {
  readonly name: string;
  readonly spanS: number;
  readonly records: number;
}

/** Finest first. Together 50 KB a series, whatever is recorded. */
export const resolutions: readonly Resolution[] = [
  { name: '1s', spanS: 1, records: 600 },
  { name: '10s', spanS: 10, records: 720 },
  { name: '60s', spanS: 60, records: 1440 },
];

/** Slot, least, mean, most and count, little endian. */
export const recordBytes = 18;
const countMax = 65_535;

export const encodeRecord = (into: Buffer, at: number, record: HistoryRecord): void => {
  into.writeUInt32LE(record.slot, at);
  into.writeFloatLE(record.min, at + 4);
  into.writeFloatLE(record.mean, at + 8);
  into.writeFloatLE(record.max, at + 12);
  into.writeUInt16LE(Math.min(countMax, record.count), at + 16);
};

/** The records of a ring that are not older than it is long, oldest first. */
export const decodeRing = (
  bytes: Buffer,
  { spanS, records }: Resolution,
  nowMs: number,
): readonly HistoryRecord[] => {
  const oldest = Math.floor(nowMs / 1000 / spanS) - records;
  const found: HistoryRecord[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const slot = bytes.readUInt32LE(at);
    const count = bytes.readUInt16LE(at + 16);
    if (slot <= oldest || count === 0) continue;
    found.push({
      ...{ slot, count, min: bytes.readFloatLE(at + 4), mean: bytes.readFloatLE(at + 8) },
      max: bytes.readFloatLE(at + 12),
    });
  }
  return found.toSorted((one, other) => one.slot - other.slot);
};

/** A run of bytes of one ring. */
export interface RingPiece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Records as the runs of a ring that they fill: those side by side in one. */
export const piecesOf = (
  records: readonly HistoryRecord[],
  { records: length }: Resolution,
): readonly RingPiece[] => {
  const runs: HistoryRecord[][] = [];
  for (const record of records) {
    const last = runs.at(-1)?.at(-1);
    const follows =
      last !== undefined && record.slot === last.slot + 1 && record.slot % length !== 0;
    if (follows) runs.at(-1)?.push(record);
    else runs.push([record]);
  }
  return runs.map((run) => {
    const bytes = Buffer.alloc(run.length * recordBytes);
    run.forEach((record, each) => encodeRecord(bytes, each * recordBytes, record));
    return { offset: ((run[0]?.slot ?? 0) % length) * recordBytes, bytes };
  });
};
