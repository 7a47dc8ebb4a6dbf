import type { StagePoint, StageProfile } from './stage-profile.ts';

/** A cost that is a sum of straight lines, as `ISOTHERM_PROFILE` of the profile engine says it; in milliseconds. */
export interface LinearCost {
  /** Of a batch, a prompt or a step, whatever is in it. */
  readonly fixedMs?: number;
  /** Of each medium, prompt or sequence in it. */
  readonly eachMs?: number;
  /** Of each token of each of them. */
  readonly tokenMs?: number;
  /** Drawn while it works, in watts. */
  readonly powerW?: number;
}

/** The profile of such a cost: four points, which are all it takes. */
export const linearProfile = (
  of: Omit<StageProfile, 'points'>,
  { fixedMs = 0, eachMs = 0, tokenMs = 0, powerW }: LinearCost,
): StageProfile => {
  const point = (batch: number, tokens: number): StagePoint => ({
    ...{ batch, tokens, latencyMs: fixedMs + batch * (eachMs + tokens * tokenMs) },
    ...(powerW !== undefined && { powerW }),
  });
  return { ...of, points: [point(1, 0), point(1, 1000), point(2, 0), point(2, 1000)] };
};
