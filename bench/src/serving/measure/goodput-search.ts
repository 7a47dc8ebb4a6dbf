/** Rates to look at: `steps` of them, each `ratio` times the one before. */
export interface RateGrid {
  readonly lowest: number;
  readonly ratio: number;
  readonly steps: number;
}

export const ratesOf = ({ lowest, ratio, steps }: RateGrid): readonly number[] =>
  Array.from({ length: steps }, (_, step) => lowest * ratio ** step);

/** What a search knows so far: the SLO held at `held`, and did not at `missed` (indices into the rates). */
export interface Search {
  readonly rates: readonly number[];
  readonly held: number;
  readonly missed: number;
}

export const startSearch = (grid: RateGrid): Search => {
  const rates = ratesOf(grid);
  return { rates, held: -1, missed: rates.length };
};

/** The next rate to try, by halving; undefined when the highest that holds is known. */
export const nextRate = ({ rates, held, missed }: Search): number | undefined =>
  missed - held <= 1 ? undefined : rates[Math.floor((held + missed) / 2)];

export const heard = (search: Search, rate: number, holds: boolean): Search => {
  const at = search.rates.indexOf(rate);
  return holds ? { ...search, held: at } : { ...search, missed: at };
};

/** The highest rate at which the SLO held; 0 when it held nowhere. */
export const goodputOf = ({ rates, held }: Search): number => rates[held] ?? 0;

/** Whether the SLO held at the highest rate too, so that the goodput is only a lower bound. */
export const isBounded = ({ rates, held }: Search): boolean => held < rates.length - 1;
