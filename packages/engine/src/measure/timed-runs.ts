/** How long a point is measured. */
export interface RunBounds {
  readonly runsMin: number;
  readonly runsMax: number;
  /** Enough runs or not, a point ends after about this time. */
  readonly secondsEach: number;
}

/** Energy that the processors have taken since some moment, in joules; undefined where nothing counts it. */
export interface EnergyMeter {
  joules(): Promise<number | undefined>;
}

export interface TimedRuns {
  /** Of each run, in the order in which they were made. */
  readonly tookMs: readonly number[];
  /** Mean draw of the processors meanwhile; undefined where nothing counts it. */
  readonly powerW: number | undefined;
}

/** The first runs of anything also build what later ones find there. */
const warmRuns = 2;

/** Runs work again and again, one after the other, and times each run. */
export const timedRuns = async (
  work: () => Promise<unknown>,
  { runsMin, runsMax, secondsEach }: RunBounds,
  energy: EnergyMeter,
): Promise<TimedRuns> => {
  for (let run = 0; run < warmRuns; run += 1) await work();
  const joulesBefore = await energy.joules();
  const beganMs = performance.now();
  const tookMs: number[] = [];
  while (tookMs.length < runsMax) {
    const since = performance.now();
    await work();
    const now = performance.now();
    tookMs.push(now - since);
    if (tookMs.length >= runsMin && now - beganMs > secondsEach * 1000) break;
  }
  const seconds = (performance.now() - beganMs) / 1000;
  const joulesAfter = await energy.joules();
  const isCounted = joulesBefore !== undefined && joulesAfter !== undefined;
  return { tookMs, powerW: isCounted ? (joulesAfter - joulesBefore) / seconds : undefined };
};

/** The value that a share of all is at or below. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[rank] ?? 0;
};
