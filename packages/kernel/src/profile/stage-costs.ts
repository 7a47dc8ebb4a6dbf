import { invariant } from '../assert.ts';
import type { StagePoint, StageProfile } from './stage-profile.ts';

/** A profile made ready to be asked, often. */
export interface StageCosts {
  readonly profile: StageProfile;
  /** At full clock, in milliseconds. */
  latencyMs(batch: number, tokens: number): number;
  /** Of the whole instance while it works, in watts; 0 where the profile does not say. */
  powerW(batch: number, tokens: number): number;
  /** By how many times work takes longer at this share of the full clock. */
  stretch(clockShare: number): number;
}

/** A clock below this is taken for it: a stretch stays finite. */
const clockShareMin = 0.01;

/**
 * Bilinear between the points, along straight lines beyond the outermost ones, never below nothing. With a single batch or a
 * single number of tokens the cost does not depend on it.
 */
export const stageCosts = (profile: StageProfile): StageCosts => {
  const batches = axisOf(profile.points, ({ batch }) => batch);
  const tokens = axisOf(profile.points, ({ tokens }) => tokens);
  invariant(batches.length > 0, 'a profile has a point');
  const grid = (of: (point: StagePoint) => number): Float64Array => {
    const values = new Float64Array(batches.length * tokens.length).fill(Number.NaN);
    for (const point of profile.points) {
      values[batches.indexOf(point.batch) * tokens.length + tokens.indexOf(point.tokens)] =
        of(point);
    }
    invariant(!values.some(Number.isNaN), 'the points of a profile are a full grid');
    return values;
  };
  const latencies = grid(({ latencyMs }) => latencyMs);
  const powers = grid(({ powerW = 0 }) => powerW);
  const fixed = profile.clockFixedShare ?? 0;
  return {
    profile,
    latencyMs: (batch, count) => interpolated(latencies, batches, tokens, batch, count),
    powerW: (batch, count) => interpolated(powers, batches, tokens, batch, count),
    stretch: (clockShare) => fixed + (1 - fixed) / Math.max(clockShareMin, clockShare),
  };
};

const axisOf = (points: readonly StagePoint[], of: (point: StagePoint) => number): Float64Array =>
  Float64Array.from(new Set(points.map(of))).sort();

const interpolated = (
  values: Float64Array,
  rows: Float64Array,
  columns: Float64Array,
  row: number,
  column: number,
): number => {
  const width = columns.length;
  const across = lowerOf(columns, column);
  const share = shareOf(columns, across, column);
  const down = lowerOf(rows, row);
  const first = along(values, down * width + across, share);
  if (rows.length === 1) return Math.max(0, first);
  const second = along(values, (down + 1) * width + across, share);
  return Math.max(0, first + shareOf(rows, down, row) * (second - first));
};

const along = (values: Float64Array, at: number, share: number): number => {
  const from = values[at] ?? 0;
  return share === 0 ? from : from + share * ((values[at + 1] ?? from) - from);
};

/** The place of the segment that holds the value, or of the nearest one. Axes are short: no bisection. */
const lowerOf = (axis: Float64Array, value: number): number => {
  let at = 0;
  while (at < axis.length - 2 && value >= (axis[at + 1] ?? 0)) at += 1;
  return at;
};

const shareOf = (axis: Float64Array, at: number, value: number): number => {
  if (axis.length === 1) return 0;
  const from = axis[at] ?? 0;
  return (value - from) / ((axis[at + 1] ?? 0) - from);
};
