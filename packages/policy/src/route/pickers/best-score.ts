import type { Picker } from '../contract.ts';

/** Picks the highest score; among equals at random, so that idle instances share the work. */
export const bestScorePicker: Picker = {
  name: 'best-score',
  pick: (scores, random) => {
    const best = greatest(scores);
    let ties = 0;
    for (const score of scores) if (score === best) ties += 1;
    let left = Math.floor(random() * ties);
    for (let place = 0; place < scores.length; place += 1) {
      if (scores[place] !== best) continue;
      if (left === 0) return place;
      left -= 1;
    }
    return 0;
  },
};

/** Without an argument for each: a fleet may be large. */
const greatest = (scores: readonly number[]): number => {
  let best = -Infinity;
  for (const score of scores) if (score > best) best = score;
  return best;
};
