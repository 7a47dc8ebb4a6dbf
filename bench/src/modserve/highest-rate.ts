import { type PointResult, type PointSpec, runPoint } from './run-arm.ts';

export interface HighestRate {
  /** Requests a second; 0: not even the lowest rate that was tried. */
  readonly requestsPerS: number;
  /** What it was like at that rate, and all that was tried. */
  readonly at: PointResult | undefined;
  readonly tried: readonly PointResult[];
}

export interface RateSearch extends Omit<PointSpec, 'requestsPerS'> {
  /** Where the search begins, and how close it comes, as a share. */
  readonly from: number;
  readonly within: number;
}

const lowest = 0.05;

export const isKept = ({ ttftShareP99, tbtShareP99 }: PointResult): boolean =>
  ttftShareP99 <= 1 && tbtShareP99 <= 1;

/** The highest rate at which 99 of 100 requests keep both targets: doubled or halved until it is between two, then bisected. */
export const highestRate = ({ from, within, ...spec }: RateSearch): HighestRate => {
  const tried: PointResult[] = [];
  const at = (requestsPerS: number): boolean => {
    const point = runPoint({ ...spec, requestsPerS });
    tried.push(point);
    return isKept(point);
  };
  let low = from;
  let high = from;
  if (at(from)) {
    do {
      low = high;
      high *= 1.5;
    } while (at(high));
  } else {
    do {
      high = low;
      low /= 1.5;
    } while (low > lowest && !at(low));
    if (low <= lowest) return { requestsPerS: 0, at: undefined, tried };
  }
  while (high / low > 1 + within) {
    const middle = Math.sqrt(low * high);
    if (at(middle)) low = middle;
    else high = middle;
  }
  const best = tried.findLast((point) => point.requestsPerS === low);
  return { requestsPerS: low, at: best, tried };
};
