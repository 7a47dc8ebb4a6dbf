import type { Scorer } from '../contract.ts';

/** Where nobody has said how much there is: neither good nor bad. */
const headroomUnknown = 0.5;

/** Prefers instances with thermal headroom. Those of which none is known rate in the middle. */
export const headroomScorer: Scorer = {
  name: 'headroom',
  score: (instances) =>
    instances.map(({ headroom = headroomUnknown }) => Math.min(1, Math.max(0, headroom))),
};
