import type { RoutePolicy } from './contract.ts';
import { contextFitsFilter } from './filters/context-fits.ts';
import { notExcludedFilter } from './filters/not-excluded.ts';
import { readyFilter } from './filters/ready.ts';
import { servesModelFilter } from './filters/serves-model.ts';
import { bestScorePicker } from './pickers/best-score.ts';
import { pendingTokensScorer } from './scorers/pending-tokens.ts';

/** What every stage is routed by today: whoever can do the work and has the fewest tokens pending. */
export const defaultRoutePolicy: RoutePolicy = {
  filters: [servesModelFilter, readyFilter, notExcludedFilter, contextFitsFilter],
  scorers: [{ scorer: pendingTokensScorer, weight: 1 }],
  picker: bestScorePicker,
};
