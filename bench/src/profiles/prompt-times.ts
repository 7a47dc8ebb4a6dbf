/** What splitwise's `perf_model.csv` says of Llama 2 70B on A100 80 GB, by GPUs it is split over. */
export interface PromptTimes {
  /** Median time of one prompt, by its tokens. */
  readonly promptMs: ReadonlyMap<number, number>;
  /** Median peak of a GPU during it ÷ its rated power, at most 1. */
  readonly peakShare: ReadonlyMap<number, number>;
  /** Mean of a GPU over answers, nearly all of them decoding, ÷ rated: of one sequence and of sixteen. */
  readonly decodeShare: readonly [number, number];
}

export type MeasuredGpus = 2 | 4 | 8;
export const measuredGpus: readonly MeasuredGpus[] = [2, 4, 8];

export const parsePromptTimes = (text: string): ReadonlyMap<MeasuredGpus, PromptTimes> => {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',');
  const rows = lines.map((line) => {
    const fields = line.split(',');
    return (name: string): string => fields[names.indexOf(name)] ?? '';
  });
  const ours = rows.filter(
    (row) => row('model') === 'llama2-70b' && row('hardware') === 'a100-80gb',
  );
  return new Map(
    measuredGpus.map((gpus) => [gpus, timesOf(ours.filter((row) => isSplit(row, gpus)))]),
  );
};

type Row = (name: string) => string;

const isSplit = (row: Row, gpus: number): boolean => Number(row('tensor_parallel')) === gpus;

/** Longer prompts have a mean power near idle in this set: nothing ran during most of it. */
const tokensMax = 8192;

const timesOf = (rows: readonly Row[]): PromptTimes => {
  const single = rows.filter(
    (row) => row('batch_size') === '1' && Number(row('prompt_size')) <= tokensMax,
  );
  const sizes = [...new Set(single.map((row) => Number(row('prompt_size'))))];
  const medians = (name: string): ReadonlyMap<number, number> =>
    new Map(
      sizes
        .toSorted((a, b) => a - b)
        .map((size) => [
          size,
          median(
            single
              .filter((row) => Number(row('prompt_size')) === size)
              .map((row) => Number(row(name))),
          ),
        ]),
    );
  const decodeShare = (batch: string): number =>
    median(
      rows
        .filter((row) => row('batch_size') === batch && row('prompt_size') === '512')
        .map((row) => Number(row('average_power')))
        // 0 says that none was measured.
        .filter((share) => share > 0),
    );
  const peaks = [...medians('peak_power')].map(
    ([size, share]) => [size, Math.min(1, share)] as const,
  );
  return {
    promptMs: medians('prompt_time'),
    peakShare: new Map(peaks),
    decodeShare: [decodeShare('1'), decodeShare('16')],
  };
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
};
