import { refusedOf, type RouterAdmission } from './attainment.ts';

/** Requests since routers started that were let in, and turned away for lack of instances; and those that wait now. */
export interface Door {
  readonly admitted: number;
  readonly refused: number;
  readonly waiting: number;
}

export const doorOf = (routers: readonly RouterAdmission[]): Door => ({
  admitted: routers
    .flatMap((router) => router?.classes ?? [])
    .reduce((sum, { admitted }) => sum + admitted, 0),
  refused: refusedOf(routers),
  waiting: routers.reduce((sum, router) => sum + (router?.waiting ?? 0), 0),
});

/** What is believed of a door at which many times as many come as are let in. */
const cameMax = 2;

/**
 * Requests that came ÷ requests that were let in: stages have seen no work of those that wait for their turn or were turned away, and
 * who scales by the work of stages alone would not see a burst that admission holds back. Below 1 while those go in that have
 * waited before.
 */
export const cameShare = (before: Door | undefined, now: Door): number => {
  if (before === undefined) return 1;
  const admitted = now.admitted - before.admitted;
  const refused = now.refused - before.refused;
  if (admitted < 0 || refused < 0) return 1;
  const came = admitted + refused + now.waiting - before.waiting;
  if (admitted === 0) return came > 0 ? cameMax : 1;
  return Math.max(0, Math.min(cameMax, came / admitted));
};
