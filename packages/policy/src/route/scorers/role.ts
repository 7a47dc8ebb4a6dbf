import type { Scorer } from '../contract.ts';

/**
 * Work that wants to be done beside another stage prefers instances that share their process with it: what they make is
 * handed over by reference. All other work prefers instances that have a process of their own, and leaves the shared
 * event loops and cores to those that profit from them.
 */
export const roleScorer: Scorer = {
  name: 'role',
  score: (instances, { beside }) =>
    instances.map(({ sharesWith = alone }) => {
      const fits = beside === undefined ? sharesWith.size === 0 : sharesWith.has(beside);
      return fits ? 1 : 0;
    }),
};

const alone: ReadonlySet<never> = new Set();
