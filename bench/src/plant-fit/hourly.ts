/** One hour of one server: figures of all its GPUs together, so that of two GPUs a mean is a mean of both. */
export interface Hour {
  /** Hours since 1970. */
  readonly atH: number;
  /** Months since the year 0, to split by. */
  readonly month: number;
  readonly powerW: number;
  readonly powerMinW: number;
  readonly powerMaxW: number;
  readonly temperatureC: number;
}

const columns = ['name', 'timestamp', 'powerave', 'powermin', 'powermax', 'tempave'] as const;

/**
 * Hours of a `*_usage_stats.txt` (tab separated, a byte order mark, newest first, a last line that is no data), oldest
 * first. Hours without power or temperature are left out: 0 means that nothing was read.
 */
export const parseHours = (text: string): readonly Hour[] => {
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = head.split('\t');
  const indices = columns.map((name) => names.indexOf(name));
  const lost = columns.filter((_, index) => indices[index] === -1);
  if (lost.length > 0) throw new Error(`no column ${lost.join(', ')}`);
  return lines
    .map((line) => line.split('\t'))
    .flatMap((fields) => hourOf(indices.map((index) => fields[index] ?? '')))
    .toSorted((a, b) => a.atH - b.atH);
};

const stamp = /^(\d{4})-(\d\d)-(\d\d) (\d\d):/;

const hourOf = (fields: readonly string[]): readonly Hour[] => {
  const [, at = '', ...figures] = fields;
  const date = stamp.exec(at);
  if (date === null) return [];
  const [year, month, day, hour] = date.slice(1).map(Number) as [number, number, number, number];
  const [powerW, powerMinW, powerMaxW, temperatureC] = figures.map((text) =>
    text.trim() === '' ? Number.NaN : Number(text),
  ) as [number, number, number, number];
  if (![powerW, powerMinW, powerMaxW, temperatureC].every((value) => value > 0)) return [];
  const atH = Date.UTC(year, month - 1, day, hour) / 3_600_000;
  return [{ atH, month: year * 12 + month - 1, powerW, powerMinW, powerMaxW, temperatureC }];
};
