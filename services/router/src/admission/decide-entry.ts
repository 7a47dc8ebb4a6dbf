import {
  addDemand,
  decideAdmission,
  demandAhead,
  dueMsOf,
  type LoadView,
  noDemand,
  predictTtft,
  type SloClass,
  type SloClassName,
  ttftTargetMs,
} from '@isotherm/policy';
import type { NoteFacts } from '../record/note.ts';
import type { Asking, GateOptions } from './gate-options.ts';
import { refusalFault } from './refusal.ts';
import type { WaitingRequest, WaitingRoom } from './waiting-room.ts';

export interface DecideOptions extends GateOptions {
  readonly room: Pick<WaitingRoom<WaitingRequest>, 'ahead' | 'share' | 'countOf'>;
  fits(load: LoadView, asking: Asking): boolean;
  /** Part of the fleet that goes to more urgent classes. */
  urgentShare(sloClass: SloClassName): number;
}

/** Whether a new request goes at once or waits; throws the Fault of a refusal, which is counted and noted. */
export const createDecide = (
  options: DecideOptions,
): ((asking: Asking, place: WaitingRequest) => 'admitted' | 'queued') => {
  const { ledger, tenants, classes, clock, bounds, listener, room, fits } = options;
  return (asking, place) => {
    const { tenant, sloClass, demand, bytes } = asking;
    const { weight, waitingMax } = tenants.limits(tenant);
    const ahead = demandAhead(demand.cost, weight, room.ahead(place));
    const slower = 1 / (1 - options.urgentShare(sloClass));
    const withWhatComes = addDemand(noDemand, ahead, slower);
    const load = ledger.view();
    const prediction = predictTtft(demand, withWhatComes, load);
    const rate = tenants.take(tenant, demand.cost, clock.nowMs());
    const own = room.share(sloClass, tenant);
    const decision = decideAdmission({
      ...{ rate, weight, prediction },
      room: fits(load, asking),
      tenantWaiting: room.countOf(tenant),
      tenantWaitingMax: waitingMax,
      count: { all: bounds.count(), max: bounds.countMax, own: own.count, added: 1 },
      bytes: { all: bounds.bytes(), max: bounds.bytesMax, own: own.bytes, added: bytes },
      ttftTargetMs: ttftTargetMs(classes[sloClass], asking.promptTokens),
      waitMsMax: classes[sloClass].waitMsMax,
      remainingMs: asking.deadlineMs - clock.nowMs(),
    });
    const expected: NoteFacts = prediction === undefined ? {} : { ...prediction };
    if (decision.kind === 'queued') {
      asking.note?.('queued', { ...expected, waiting: bounds.count(), aheadTokens: ahead.cost });
    }
    if (decision.kind !== 'refused') return decision.kind;
    if (rate.kind === 'taken') tenants.giveBack(tenant, demand.cost);
    const { reason, retryAfterMs } = decision;
    listener.refused(asking, reason);
    asking.note?.('refused', { ...expected, reason, retryAfterMs });
    const predictedMs = prediction && prediction.waitMs + prediction.ownMs;
    throw refusalFault({
      ...{ reason, retryAfterMs, tenant, sloClass },
      ...(predictedMs !== undefined && { predictedMs }),
    });
  };
};

/** Where a request stands among those that wait. */
export const placeInLine = (
  asking: Asking,
  slo: SloClass,
  line: { readonly weight: number; readonly arrival: number },
  now: { readonly nowMs: number; readonly monotonicMs: number },
): WaitingRequest => {
  const { sloClass, tenant, demand, bytes, promptTokens, deadlineMs } = asking;
  const arrivedMs = now.monotonicMs;
  const latestMs = arrivedMs + deadlineMs - now.nowMs;
  return {
    ...{ sloClass, tenant, demand, bytes, arrivedMs, ...line },
    dueMs: dueMsOf(arrivedMs, promptTokens, slo, latestMs),
    patientUntilMs: arrivedMs + slo.promoteMs,
  };
};
