import { type SloClassName, sloClassNames } from './slo-class.ts';

/** What each class was let in with of late, in tokens that fade. */
export type RecentUse = Readonly<Record<SloClassName, number>>;

export const noUse: RecentUse = { interactive: 0, standard: 0, batch: 0 };

/** What a request before the last counts beside it: about the last hundred matter. */
const fading = 0.99;
/** However much is urgent, a class that is overdue gets every eighth place: see `chooseNext`. */
const shareMax = 7 / 8;

export const observeAdmitted = (
  use: RecentUse,
  sloClass: SloClassName,
  cost: number,
): RecentUse => ({
  interactive: use.interactive * fading + (sloClass === 'interactive' ? cost : 0),
  standard: use.standard * fading + (sloClass === 'standard' ? cost : 0),
  batch: use.batch * fading + (sloClass === 'batch' ? cost : 0),
});

/**
 * Share of the fleet that goes to more urgent classes than this one: what is ahead of a request takes longer by that,
 * since more of them will come while it waits.
 */
export const urgentShare = (use: RecentUse, sloClass: SloClassName): number => {
  const sum = (names: readonly SloClassName[]): number =>
    names.reduce((total, name) => total + use[name], 0);
  const all = sum(sloClassNames);
  if (all === 0) return 0;
  const urgent = sum(sloClassNames.slice(0, sloClassNames.indexOf(sloClass)));
  return Math.min(shareMax, urgent / all);
};
