import { type FixedSize, totalOf } from './fixed-sizes.ts';
import type { Counts } from './live-profile.ts';

/** What a run of a fixed size has to say for the search. */
export interface FixedRun {
  readonly counts: Counts;
  readonly attainment: number;
  readonly lost: number;
}

export interface FixedSearch<Run> {
  /** In the order in which they were tried. */
  readonly fixed: readonly Run[];
  /** The smallest that kept the SLO; undefined where none did. */
  readonly best: Run | undefined;
  /** Whether one with an instance less was tried, and did not keep it. */
  readonly isSmallest: boolean;
}

/**
 * The smallest size that keeps the SLO in live runs, of each total the one that the simulator has most requests in time with: from
 * the smallest that the simulator lets pass down while runs keep it, up while they do not. `sizes` is in the order of totals, the best first.
 */
export const searchFixed = async <Run extends FixedRun>(
  sizes: readonly FixedSize[],
  { runsMax, attainmentMin }: { readonly runsMax: number; readonly attainmentMin: number },
  run: (counts: Counts) => Promise<Run>,
): Promise<FixedSearch<Run>> => {
  const fixed: Run[] = [];
  const keeps = ({ attainment, lost }: FixedRun): boolean =>
    attainment >= attainmentMin && lost === 0;
  let size = sizes.find(({ attainment }) => attainment >= attainmentMin) ?? sizes.at(-1);
  while (size !== undefined && fixed.length < runsMax) {
    const tried = await run(size.counts);
    fixed.push(tried);
    const total = totalOf(size.counts) + (keeps(tried) ? -1 : 1);
    // The next one up or down is known already: what lies between is found.
    if (fixed.some(({ counts }) => totalOf(counts) === total)) break;
    size = sizes.find(({ counts }) => totalOf(counts) === total);
  }
  const kept = fixed.filter(keeps).toSorted((a, b) => totalOf(a.counts) - totalOf(b.counts));
  const best = kept[0];
  const isSmallest =
    best !== undefined &&
    fixed.some((one) => !keeps(one) && totalOf(one.counts) === totalOf(best.counts) - 1);
  return { fixed, best, isSmallest };
};
