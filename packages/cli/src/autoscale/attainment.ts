import type { RouterGetStatusResponse } from '@isotherm/proto';
import type { StageService } from '@isotherm/stack';

export type RouterAdmission = RouterGetStatusResponse['admission'];

/** In time and late since routers started: first tokens, or answers' tokens for decode. */
export interface Kept {
  readonly inTime: number;
  readonly late: number;
}

/** Why a router refuses what it could only answer too late; the other reasons are a client's own. */
const lacksInstances = ['queue_count', 'queue_bytes', 'ttft_target', 'wait_over'] as const;

/** Requests that were turned away for lack of instances. */
export const refusedOf = (routers: readonly RouterAdmission[]): number =>
  routers.reduce(
    (total, router) =>
      lacksInstances.reduce((sum, why) => sum + (router?.refused[why] ?? 0), total),
    0,
  );

/**
 * What routers count of a stage. A request that was refused because it would have been late is late: else a fleet that turns
 * half of its work away keeps its promises to the rest, and nobody sees that instances are missing.
 */
export const keptOf = (routers: readonly RouterAdmission[], service: StageService): Kept => {
  const refused = refusedOf(routers);
  const classes = routers.flatMap((router) => router?.classes ?? []);
  const sum = (of: (one: (typeof classes)[number]) => unknown): number =>
    classes.reduce((total, one) => total + Number(of(one)), 0);
  return service === 'decode'
    ? { inTime: sum((one) => one.tokensInTime), late: refused + sum((one) => one.tokensLate) }
    : { inTime: sum((one) => one.inTime), late: refused + sum((one) => one.late) };
};

/** So many requests say whether 99 of 100 are in time; so many late ones of them say that fewer are, whatever comes after. */
const judgedMin = 200;
const lateMin = 3;

/** What is known of a stage, and since when: `from` is where the next look begins to count. */
export interface Judged {
  readonly from: Kept;
  readonly share: number | undefined;
}

/**
 * The share that was kept since `from`, once enough has ended to say so: one late answer of the four between two looks is no
 * reason to hurry. Nothing is known at the first look, and where a router began anew.
 */
export const judged = (from: Kept | undefined, now: Kept): Judged => {
  if (from === undefined) return { from: now, share: undefined };
  const inTime = now.inTime - from.inTime;
  const late = now.late - from.late;
  if (inTime < 0 || late < 0) return { from: now, share: undefined };
  if (inTime + late < judgedMin && late < lateMin) return { from, share: undefined };
  return { from: now, share: inTime / (inTime + late) };
};
