import type { Demand } from './demand.ts';
import { backlogMsOf, type LoadView } from './fleet-room.ts';
import { expectedMs } from './stage-speed.ts';

/** When the first token is to be expected, in milliseconds from now: the wait of its turn, and its own work. */
export interface TtftPrediction {
  readonly waitMs: number;
  readonly ownMs: number;
}

/**
 * Time to the first token, from token counts and the present load: what is at the stages and what goes before this request
 * takes the slowest of them so long; then come its own encode and prefill. Undefined while the speed of a stage that it
 * needs is unknown.
 */
export const predictTtft = (
  demand: Demand,
  ahead: Demand,
  load: LoadView,
): TtftPrediction | undefined => {
  const waits = [placeWaitMs(ahead.requests, load)];
  let ownMs = 0;
  const needs = [
    ...(demand.encodeJobs === 0
      ? []
      : [
          {
            stage: load.encode,
            own: { jobs: demand.encodeJobs, tokens: demand.encodeTokens },
            before: { jobs: ahead.encodeJobs, tokens: ahead.encodeTokens },
          },
        ]),
    ...(demand.prefillTokens === 0
      ? []
      : [
          {
            stage: load.prefill,
            own: { jobs: 1, tokens: demand.prefillTokens },
            before: { jobs: ahead.requests, tokens: ahead.prefillTokens },
          },
        ]),
  ];
  for (const { stage, own, before } of needs) {
    const backlogMs = backlogMsOf(stage, before);
    const workMs = expectedMs(stage.speed, own.jobs, own.tokens);
    if (backlogMs === undefined || workMs === undefined) return undefined;
    waits.push(backlogMs);
    ownMs += workMs;
  }
  return { waitMs: Math.max(...waits), ownMs };
};

/** Places come free one after the other, each after its mean time. */
const placeWaitMs = (requestsAhead: number, { places, placeMs }: LoadView): number => {
  const { taken, count } = places;
  if (count === undefined || count === 0 || placeMs === undefined) return 0;
  const missing = requestsAhead + 1 + taken - count;
  return missing <= 0 ? 0 : (missing * placeMs) / count;
};
