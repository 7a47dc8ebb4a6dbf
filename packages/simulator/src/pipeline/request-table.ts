/**
 * The requests that are alive, a row each in columns: a row is taken when one arrives and given back when it has ended, so
 * memory is that of the most that were ever alive at once.
 */
export interface RequestTable {
  readonly columns: RequestColumns;
  readonly alive: number;
  /** Rows that there ever were. */
  readonly size: number;
  take(): number;
  giveBack(row: number): void;
}

export interface RequestColumns {
  readonly arrivedMs: Float64Array;
  /** When the last of its media was encoded; when it arrived where none are encoded apart. */
  readonly encodedMs: Float64Array;
  readonly firstTokenMs: Float64Array;
  readonly deployment: Int32Array;
  readonly textTokens: Int32Array;
  readonly media: Int32Array;
  readonly mediumTokens: Int32Array;
  readonly answerTokens: Int32Array;
  /** Media that are not encoded yet. */
  readonly mediaLeft: Int32Array;
}

const names = [
  ...['deployment', 'textTokens', 'media', 'mediumTokens', 'answerTokens', 'mediaLeft'],
] as const;

export const createRequestTable = (rowsExpected = 1024): RequestTable => {
  let columns = columnsOf(rowsExpected);
  let length = rowsExpected;
  let size = 0;
  let free: Int32Array = new Int32Array(rowsExpected);
  let freeCount = 0;
  const grow = (): void => {
    length *= 2;
    const grown = columnsOf(length);
    for (const [name, values] of Object.entries(columns)) {
      grown[name as keyof RequestColumns].set(values);
    }
    columns = grown;
    free = new Int32Array(length);
  };
  return {
    get columns() {
      return columns;
    },
    get alive() {
      return size - freeCount;
    },
    get size() {
      return size;
    },
    take() {
      if (freeCount > 0) {
        freeCount -= 1;
        return free[freeCount] as number;
      }
      if (size === length) grow();
      size += 1;
      return size - 1;
    },
    giveBack(row) {
      free[freeCount] = row;
      freeCount += 1;
    },
  };
};

const columnsOf = (length: number): RequestColumns =>
  ({
    arrivedMs: new Float64Array(length),
    encodedMs: new Float64Array(length),
    firstTokenMs: new Float64Array(length),
    ...Object.fromEntries(names.map((name) => [name, new Int32Array(length)])),
  }) as unknown as RequestColumns;
