import type { Picker } from '../contract.ts';

/** Picks the highest score; among equals at random, so that idle instances share the work. */
export const bestScorePicker: Picker = {
  name: 'best-score',
  pick: (scores, random) => {
    const best = greatest(scores);
    const ties: number[] = [];
    for (const [place, score] of scores.entries()) if (score === best) ties.push(place);
    return ties[Math.floor(random() * ties.length)] ?? 0;
  },
};

/** Without an argument for each: a fleet may be large. */
const greatest = (scores: readonly number[]): number => {
  let best = -Infinity;
  for (const score of scores) if (score > best) best = score;
  return best;
};
