import type { Fault } from '@isotherm/kernel';
import {
  chooseNext,
  type ChoiceState,
  defaultChoiceOptions,
  fleetHasRoom,
  freshChoice,
  type LoadView,
  noUse,
  observeAdmitted,
  type RecentUse,
  ttftTargetMs,
  urgentShare,
} from '@isotherm/policy';
import { createDecide, placeInLine } from './decide-entry.ts';
import type { Asking, GateOptions } from './gate-options.ts';
import { refusalFault } from './refusal.ts';
import { type AnswerAccount, createTicket, type Ticket } from './ticket.ts';
import { createWaitingRoom, type WaitingRequest, type WaitingRoom } from './waiting-room.ts';

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
  fail(reason: Error): void;
}

export const createModelGate = (options: GateOptions): ModelGate => {
  const { ledger, tenants, classes, clock, listener, stageBacklogMs } = options;
  const room = createWaitingRoom<Entry>();
  let state: ChoiceState = freshChoice;
  let arrivals = 0;
  let use: RecentUse = noUse;

  const fits = (load: LoadView, { demand, sloClass }: Pick<Asking, 'demand' | 'sloClass'>) =>
    fleetHasRoom(load, demand, classes[sloClass].placesShareMax, stageBacklogMs);
  const decide = createDecide({
    ...options,
    room,
    fits,
    urgentShare: (name) => urgentShare(use, name),
  });
  const targetMsOf = ({ sloClass, promptTokens }: Asking): number =>
    ttftTargetMs(classes[sloClass], promptTokens);

  const ticketOf = (asking: Asking, arrivedMs: number): Ticket => {
    const enteredMs = clock.monotonicMs();
    const { demand, sloClass, tenant } = asking;
    use = observeAdmitted(use, sloClass, demand.cost);
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

  const placeOf = (asking: Asking): WaitingRequest => {
    const slo = classes[asking.sloClass];
    const { weight } = tenants.limits(asking.tenant);
    const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    return placeInLine(asking, slo, { weight, arrival: (arrivals += 1) }, now);
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
          reject(reason);
        },
      };
      const leave = (): void => entry.fail(signal.reason as Error);
      const timer = setTimeout(() => {
        const { tenant, sloClass } = asking;
        listener.refused(asking, 'wait_over');
        asking.note?.('refused', { reason: 'wait_over', retryAfterMs: 1000 });
        entry.fail(refusalFault({ reason: 'wait_over', retryAfterMs: 1000, tenant, sloClass }));
      }, classes[asking.sloClass].waitMsMax);
      signal.addEventListener('abort', leave, { once: true });
      room.add(entry);
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
