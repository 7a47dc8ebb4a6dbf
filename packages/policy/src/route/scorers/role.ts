import type { Scorer } from '../contract.ts';
import { eachScorer } from './each-scorer.ts';

/**
 * Work that wants to be done beside another stage prefers instances that share their process with it: what they make is
 * handed over by reference. All other work prefers instances that have a process of their own, and leaves the shared
 * event loops and cores to those that profit from them.
 */
export const roleScorer: Scorer = eachScorer('role', ({ sharesWith }, { beside }) => {
  const fits = beside === undefined ? (sharesWith?.size ?? 0) === 0 : sharesWith?.has(beside);
  return fits === true ? 1 : 0;
});
