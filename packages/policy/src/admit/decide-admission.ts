import type { FaultCode } from '@isotherm/kernel';
import type { TtftPrediction } from './predict-ttft.ts';
import type { TakeOutcome } from './token-bucket.ts';

/** Why a request is refused, and as what its client is told: its tenant's own limit, or ours. */
export const refusalCodes = {
  /** Its tenant has used up the tokens that it may use. */
  tenant_rate: 'rate_limited',
  /** Its tenant has as many requests waiting as it may have. */
  tenant_waiting: 'rate_limited',
  /** The waiting room is full, or its tenant has its share of it. */
  queue_count: 'saturated',
  queue_bytes: 'saturated',
  /** It would wait longer than its class promises. */
  ttft_target: 'saturated',
  /** It would wait until after its deadline. */
  deadline: 'saturated',
  /** Its own work alone takes longer than until its deadline. */
  never_in_time: 'deadline_exceeded',
  /** It has waited for as long as its class allows. */
  wait_over: 'saturated',
} as const satisfies Readonly<Record<string, FaultCode>>;
export type RefusalReason = keyof typeof refusalCodes;

export type AdmissionDecision =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'queued' }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      /** Time after which another attempt may find room. */
      readonly retryAfterMs: number;
    };

/** A bounded amount of which the new request would take a part. */
export interface Bounded {
  /** What all that wait take, and the most that they may. */
  readonly all: number;
  readonly max: number;
  /** What its own share (tenant and class) takes, and what the request adds. */
  readonly own: number;
  readonly added: number;
}

export interface AdmissionView {
  /** What its tenant's token bucket says. */
  readonly rate: TakeOutcome;
  /** There is room for it in the fleet, and nobody waits who comes before it. */
  readonly room: boolean;
  readonly weight: number;
  /** Requests that its tenant has waiting, and the most that it may have. */
  readonly tenantWaiting: number;
  readonly tenantWaitingMax: number;
  readonly count: Bounded;
  readonly bytes: Bounded;
  /** Undefined while the fleet's speed is unknown. */
  readonly prediction: TtftPrediction | undefined;
  /** What its class aims at for it, and how long it may be expected to wait at most. */
  readonly ttftTargetMs: number;
  readonly waitMsMax: number;
  /** Until its deadline. */
  readonly remainingMs: number;
}

/** Bounds of what a refused client is told to wait, in milliseconds. */
const retryAfterMsMin = 1_000;
const retryAfterMsMax = 60_000;

/**
 * Whether a new request goes at once, waits, or is refused. It is refused when it would wait for nothing: past what its
 * tenant may use, past the bounds of the waiting room, or for longer than its deadline or its class's target leave.
 */
export const decideAdmission = (view: AdmissionView): AdmissionDecision => {
  const { rate, prediction, remainingMs } = view;
  const waitMs = prediction?.waitMs ?? 0;
  const refused = (reason: RefusalReason): AdmissionDecision => ({
    kind: 'refused',
    reason,
    retryAfterMs: Math.round(Math.min(retryAfterMsMax, Math.max(retryAfterMsMin, waitMs))),
  });
  if (rate.kind === 'refused') {
    return { kind: 'refused', reason: 'tenant_rate', retryAfterMs: rate.retryAfterMs };
  }
  if (prediction !== undefined) {
    if (prediction.ownMs > remainingMs) return refused('never_in_time');
    if (waitMs + prediction.ownMs > remainingMs) return refused('deadline');
  }
  if (view.room) return { kind: 'admitted' };
  if (view.tenantWaiting >= view.tenantWaitingMax) return refused('tenant_waiting');
  if (!fits(view.count, view.weight)) return refused('queue_count');
  if (!fits(view.bytes, view.weight)) return refused('queue_bytes');
  if (prediction !== undefined && waitMs > patienceMs(view, prediction)) {
    return refused('ttft_target');
  }
  return { kind: 'queued' };
};

/** A wait that is expected to be this much of the longest is refused: expectations are off by some. */
const waitShareMax = 0.7;

/** How long it may be expected to wait. Where its own work fills the target, half of that again is not held against it. */
const patienceMs = (view: AdmissionView, { ownMs }: TtftPrediction): number =>
  Math.min(
    view.waitMsMax * waitShareMax,
    Math.max(view.ttftTargetMs - ownMs, view.ttftTargetMs / 2),
  );

/**
 * A share may have as much of the waiting room as is free, times its weight: alone it gets half of it, and two get a third
 * each, so there is always room for who comes next (dynamic thresholds: Choudhury and Hahne, IEEE/ACM ToN 1998).
 */
const fits = ({ all, max, own, added }: Bounded, weight: number): boolean => {
  if (all + added > max) return false;
  return own === 0 || own + added <= weight * (max - all);
};
