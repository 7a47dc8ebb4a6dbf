import {
  decideAdmission,
  dueMsOf,
  type LoadView,
  type RefusalReason,
  type SloClass,
  ttftTargetMs,
} from '@isotherm/policy';
import type { NoteFacts } from '../record/note.ts';
import type { Expectation, TtftBook } from './expect-ttft.ts';
import type { Asking, GateOptions } from './gate-options.ts';
import { refusalFault } from './refusal.ts';
import type { WaitingRequest, WaitingRoom } from './waiting-room.ts';

export interface DecideOptions extends GateOptions {
  readonly room: Pick<WaitingRoom<WaitingRequest>, 'share' | 'countOf'>;
  readonly book: TtftBook;
  fits(load: LoadView, asking: Asking): boolean;
}

export interface Entry {
  readonly kind: 'admitted' | 'queued';
  readonly expected: Expectation | undefined;
}

/** Whether a new request goes at once or waits; throws the Fault of a refusal, which is counted and noted. */
export const createDecide = (
  options: DecideOptions,
): ((asking: Asking, place: WaitingRequest) => Entry) => {
  const { ledger, tenants, classes, clock, bounds, listener, room, book, fits } = options;
  return (asking, place) => {
    const { tenant, sloClass, demand, bytes } = asking;
    const { weight, waitingMax } = tenants.limits(tenant);
    const load = ledger.view();
    const expected = book.expect(place, load);
    const rate = tenants.take(tenant, demand.cost, clock.nowMs());
    const own = room.share(sloClass, tenant);
    const decision = decideAdmission({
      ...{ rate, weight, prediction: expected },
      room: fits(load, asking),
      tenantWaiting: room.countOf(tenant),
      tenantWaitingMax: waitingMax,
      count: { all: bounds.count(), max: bounds.countMax, own: own.count, added: 1 },
      bytes: { all: bounds.bytes(), max: bounds.bytesMax, own: own.bytes, added: bytes },
      ttftTargetMs: ttftTargetMs(classes[sloClass], asking.promptTokens),
      waitMsMax: classes[sloClass].waitMsMax,
      remainingMs: asking.deadlineMs - clock.nowMs(),
    });
    if (decision.kind !== 'refused' || takesWhatIsFree(decision.reason)) {
      book.asked(sloClass, place.demand);
    }
    const facts: NoteFacts =
      expected === undefined ? {} : { waitMs: expected.waitMs, ownMs: expected.ownMs };
    if (decision.kind === 'queued') {
      asking.note?.('queued', { ...facts, waiting: bounds.count() });
    }
    if (decision.kind !== 'refused') return { kind: decision.kind, expected };
    if (rate.kind === 'taken') tenants.giveBack(tenant, demand.cost);
    const { reason, retryAfterMs } = decision;
    listener.refused(asking, reason);
    asking.note?.('refused', { ...facts, reason, retryAfterMs });
    const predictedMs = expected && expected.waitMs + expected.ownMs;
    throw refusalFault({
      ...{ reason, retryAfterMs, tenant, sloClass },
      ...(predictedMs !== undefined && { predictedMs }),
    });
  };
};

/** Refused for what others take: wherever there is room, more like it come, and leave none to less urgent ones. */
const takesWhatIsFree = (reason: RefusalReason): boolean =>
  reason === 'ttft_target' || reason === 'queue_count' || reason === 'queue_bytes';

/** Where a request stands among those that wait. */
export const placeInLine = (
  asking: Asking,
  slo: SloClass,
  line: Pick<WaitingRequest, 'demand' | 'weight' | 'arrival'>,
  now: { readonly nowMs: number; readonly monotonicMs: number },
): WaitingRequest => {
  const { sloClass, tenant, bytes, promptTokens, deadlineMs } = asking;
  const arrivedMs = now.monotonicMs;
  const latestMs = arrivedMs + deadlineMs - now.nowMs;
  return {
    ...{ sloClass, tenant, bytes, arrivedMs, ...line },
    dueMs: dueMsOf(arrivedMs, promptTokens, slo, latestMs),
    patientUntilMs: arrivedMs + slo.promoteMs,
  };
};
