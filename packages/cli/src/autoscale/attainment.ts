import type { RouterGetStatusResponse } from '@isotherm/proto';
import type { StageService } from '@isotherm/stack';

type Admission = RouterGetStatusResponse['admission'];

/** In time and late since routers started: first tokens, or answers' tokens for decode. */
export interface Kept {
  readonly inTime: number;
  readonly late: number;
}

/** Why a router refuses what it could only answer too late; the other reasons are a client's own. */
const lacksInstances = ['queue_count', 'queue_bytes', 'ttft_target', 'wait_over'] as const;

/**
 * What routers count of a stage. A request that was refused because it would have been late is late: else a fleet that turns
 * half of its work away keeps its promises to the rest, and nobody sees that instances are missing.
 */
export const keptOf = (routers: readonly Admission[], service: StageService): Kept => {
  const refused = routers.reduce(
    (total, router) =>
      lacksInstances.reduce((sum, why) => sum + (router?.refused[why] ?? 0), total),
    0,
  );
  const classes = routers.flatMap((router) => router?.classes ?? []);
  const sum = (of: (one: (typeof classes)[number]) => unknown): number =>
    classes.reduce((total, one) => total + Number(of(one)), 0);
  return service === 'decode'
    ? { inTime: sum((one) => one.tokensInTime), late: refused + sum((one) => one.tokensLate) }
    : { inTime: sum((one) => one.inTime), late: refused + sum((one) => one.late) };
};

/** Undefined where nothing ended, or where a router began anew. */
export const keptShare = (before: Kept | undefined, now: Kept): number | undefined => {
  if (before === undefined) return undefined;
  const inTime = now.inTime - before.inTime;
  const late = now.late - before.late;
  return inTime + late > 0 && inTime >= 0 && late >= 0 ? inTime / (inTime + late) : undefined;
};
