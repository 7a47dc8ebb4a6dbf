import type { Picker } from '../contract.ts';

/** Picks the highest score; among equals at random, so that idle instances share the work. */
export const bestScorePicker: Picker = {
  name: 'best-score',
  pick: (scores, random) => {
    const best = Math.max(...scores);
    const ties = scores.flatMap((score, index) => (score === best ? [index] : []));
    return ties[Math.floor(random() * ties.length)] ?? 0;
  },
};
