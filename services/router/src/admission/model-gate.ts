import { type Clock, Fault } from '@isotherm/kernel';
import {
  chooseNext,
  type ChoiceState,
  decideAdmission,
  defaultChoiceOptions,
  type Demand,
  demandAhead,
  dueMsOf,
  fleetHasRoom,
  freshChoice,
  type LoadView,
  predictTtft,
  type RefusalReason,
  type SloClasses,
  type SloClassName,
  ttftTargetMs,
} from '@isotherm/policy';
import type { LoadLedger } from './load-ledger.ts';
import { refusalFault } from './refusal.ts';
import type { TenantBook } from './tenant-book.ts';
import { type AnswerAccount, createTicket, type Ticket } from './ticket.ts';
import { createWaitingRoom, type WaitingRequest, type WaitingRoom } from './waiting-room.ts';

/** A request that asks to be let in. */
export interface Asking {
  readonly tenant: string;
  readonly sloClass: SloClassName;
  readonly demand: Demand;
  /** Tokens of prompt and media, by which its target grows. */
  readonly promptTokens: number;
  /** Memory that it holds while it waits. */
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly deadlineMs: number;
}

/** What is told of what became of requests. */
export interface GateListener {
  queued(asking: Asking): void;
  refused(asking: Asking, reason: RefusalReason): void;
  admitted(asking: Asking, how: 'at_once' | 'urgent' | 'promoted'): void;
  firstToken(asking: Asking, inTime: boolean): void;
}

export interface GateOptions {
  readonly ledger: LoadLedger;
  readonly tenants: TenantBook;
  readonly classes: SloClasses;
  readonly clock: Clock;
  /** Longest backlog of a stage that more is sent to, in milliseconds. */
  readonly stageBacklogMs: number;
  /** What waits in front of all models, against what may. */
  readonly bounds: {
    readonly countMax: number;
    readonly bytesMax: number;
    count(): number;
    bytes(): number;
  };
  readonly listener: GateListener;
}

/** The queue in front of one model. */
export interface ModelGate {
  /**
   * Resolves when it is the request's turn. Throws a Fault at once where it is refused, later where it has waited for too
   * long, and the signal's reason when that aborts; nothing of it is left then.
   */
  enter(asking: Asking, signal: AbortSignal): Promise<Ticket>;
  /** Lets in whom there is room for. */
  pump(): void;
  /** Refuses all that wait. */
  close(fault: Fault): void;
  readonly room: WaitingRoom<Entry>;
}

interface Entry extends WaitingRequest {
  readonly asking: Asking;
  admit(how: 'urgent' | 'promoted'): void;
  fail(reason: unknown): void;
}

export const createModelGate = (options: GateOptions): ModelGate => {
  const { ledger, tenants, classes, clock, bounds, listener, stageBacklogMs } = options;
  const room = createWaitingRoom<Entry>();
  let state: ChoiceState = freshChoice;
  let arrivals = 0;

  const fits = (load: LoadView, { demand, sloClass }: Pick<Asking, 'demand' | 'sloClass'>) =>
    fleetHasRoom(load, demand, classes[sloClass].placesShareMax, stageBacklogMs);
  const targetMsOf = ({ sloClass, promptTokens }: Asking): number =>
    ttftTargetMs(classes[sloClass], promptTokens);

  const ticketOf = (asking: Asking, arrivedMs: number): Ticket => {
    const enteredMs = clock.monotonicMs();
    const { demand, sloClass, tenant } = asking;
    return createTicket({
      ...{ ledger, demand, sloClass, enteredMs },
      waitedMs: enteredMs - arrivedMs,
      nowMs: () => clock.monotonicMs(),
      onFirstToken: () =>
        listener.firstToken(asking, clock.monotonicMs() - arrivedMs <= targetMsOf(asking)),
      onFinished: ({ completionTokens }: AnswerAccount) => {
        const used = asking.promptTokens + completionTokens;
        tenants.giveBack(tenant, Math.max(0, demand.cost - used));
      },
      onRoom: pump,
    });
  };

  const pump = (): void => {
    while (room.count > 0) {
      const load = ledger.view();
      const waiting = room.view(clock.monotonicMs(), (request) => fits(load, request));
      const choice = chooseNext(state, waiting, defaultChoiceOptions);
      if (choice.kind === 'none') return;
      ({ state } = choice);
      room.remove(choice.request);
      choice.request.admit(choice.because);
    }
  };

  /** Decides; throws the refusal. */
  const decide = (asking: Asking, entry: WaitingRequest): 'admitted' | 'queued' => {
    const { tenant, sloClass, demand, bytes } = asking;
    const { weight, waitingMax } = tenants.limits(tenant);
    const ahead = demandAhead(demand.cost, weight, room.ahead(entry));
    const load = ledger.view();
    const prediction = predictTtft(demand, ahead, load);
    const rate = tenants.take(tenant, demand.cost, clock.nowMs());
    const own = room.share(sloClass, tenant);
    const decision = decideAdmission({
      ...{ rate, weight, prediction },
      room: fits(load, asking),
      tenantWaiting: room.countOf(tenant),
      tenantWaitingMax: waitingMax,
      count: { all: bounds.count(), max: bounds.countMax, own: own.count, added: 1 },
      bytes: { all: bounds.bytes(), max: bounds.bytesMax, own: own.bytes, added: bytes },
      ttftTargetMs: targetMsOf(asking),
      waitMsMax: classes[sloClass].waitMsMax,
      remainingMs: asking.deadlineMs - clock.nowMs(),
    });
    if (decision.kind !== 'refused') return decision.kind;
    if (rate.kind === 'taken') tenants.giveBack(tenant, demand.cost);
    const { reason, retryAfterMs } = decision;
    listener.refused(asking, reason);
    const predictedMs = prediction && prediction.waitMs + prediction.ownMs;
    throw refusalFault({
      ...{ reason, retryAfterMs, tenant, sloClass },
      ...(predictedMs !== undefined && { predictedMs }),
    });
  };

  const placeOf = (asking: Asking): WaitingRequest => {
    const { sloClass, tenant, demand, bytes, promptTokens, deadlineMs } = asking;
    const slo = classes[sloClass];
    const arrivedMs = clock.monotonicMs();
    const latestMs = arrivedMs + deadlineMs - clock.nowMs();
    return {
      ...{ sloClass, tenant, demand, bytes, arrivedMs },
      weight: tenants.limits(tenant).weight,
      arrival: (arrivals += 1),
      dueMs: dueMsOf(arrivedMs, promptTokens, slo, latestMs),
      patientUntilMs: arrivedMs + slo.promoteMs,
    };
  };

  const wait = (asking: Asking, place: WaitingRequest, signal: AbortSignal): Promise<Ticket> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
      };
      const entry: Entry = {
        ...place,
        asking,
        admit: (how) => {
          end();
          listener.admitted(asking, how);
          resolve(ticketOf(asking, place.arrivedMs));
        },
        fail: (reason) => {
          end();
          room.remove(entry);
          tenants.giveBack(asking.tenant, asking.demand.cost);
          reject(reason as Error);
        },
      };
      const leave = (): void => entry.fail(signal.reason);
      const timer = setTimeout(() => {
        const { tenant, sloClass } = asking;
        listener.refused(asking, 'wait_over');
        entry.fail(refusalFault({ reason: 'wait_over', retryAfterMs: 1000, tenant, sloClass }));
      }, classes[asking.sloClass].waitMsMax);
      signal.addEventListener('abort', leave, { once: true });
      room.add(entry);
      listener.queued(asking);
    });

  return {
    enter: async (asking, signal) => {
      signal.throwIfAborted();
      const place = placeOf(asking);
      if (decide(asking, place) === 'queued') return wait(asking, place, signal);
      listener.admitted(asking, 'at_once');
      return ticketOf(asking, place.arrivedMs);
    },
    pump,
    close: (fault) => {
      for (const entry of room.all()) entry.fail(fault);
    },
    room,
  };
};
