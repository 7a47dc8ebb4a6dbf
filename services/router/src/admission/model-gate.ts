import type { Fault } from '@isotherm/kernel';
import {
  chooseNext,
  type ChoiceState,
  defaultChoiceOptions,
  fleetHasRoom,
  freshChoice,
  type LoadView,
  placesOf,
} from '@isotherm/policy';
import { createDecide, placeInLine } from './decide-entry.ts';
import { createTtftBook, type Expectation } from './expect-ttft.ts';
import type { Asking, GateOptions } from './gate-options.ts';
import { createOpenTicket } from './open-ticket.ts';
import { refusalFault } from './refusal.ts';
import type { Ticket } from './ticket.ts';
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
  const nowMs = (): number => clock.monotonicMs();
  const book = createTtftBook({ classes, room, nowMs });

  const fits = (load: LoadView, { demand, sloClass }: Pick<Asking, 'demand' | 'sloClass'>) =>
    fleetHasRoom(load, placesOf(sloClass, classes, load.places), demand, stageBacklogMs);
  const decide = createDecide({ ...options, room, book, fits });
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

  const ticketOf = createOpenTicket({ ...options, book, nowMs, onRoom: pump });

  const placeOf = (asking: Asking): WaitingRequest => {
    const slo = classes[asking.sloClass];
    const { weight } = tenants.limits(asking.tenant);
    const demand = ledger.counted(asking.demand);
    const now = { nowMs: clock.nowMs(), monotonicMs: nowMs() };
    return placeInLine(asking, slo, { weight, demand, arrival: (arrivals += 1) }, now);
  };

  const wait = (
    asking: Asking,
    place: WaitingRequest,
    expected: Expectation | undefined,
    signal: AbortSignal,
  ): Promise<Ticket> =>
    new Promise((resolve, reject) => {
      const waitedMs = (): number => nowMs() - place.arrivedMs;
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
      };
      const entry: Entry = {
        ...{ ...place, expected, asking },
        admit: (how) => {
          end();
          book.waited(entry, waitedMs());
          listener.admitted(asking, how);
          resolve(ticketOf(asking, place, expected));
        },
        fail: (reason) => {
          end();
          room.remove(entry);
          // Who left before its time was over says nothing of how long it would have been.
          if (waitedMs() > (expected?.queuesMs ?? Infinity)) book.waited(entry, waitedMs());
          tenants.giveBack(asking.tenant, asking.demand.cost);
          reject(reason);
        },
      };
      const leave = (): void => entry.fail(signal.reason as Error);
      const { waitMsMax, giveUpMs } = classes[asking.sloClass];
      const timer = setTimeout(
        () => {
          const { tenant, sloClass } = asking;
          listener.refused(asking, 'wait_over');
          asking.note?.('refused', { reason: 'wait_over', retryAfterMs: 1000 });
          entry.fail(refusalFault({ reason: 'wait_over', retryAfterMs: 1000, tenant, sloClass }));
        },
        Math.max(waitMsMax, giveUpMs),
      );
      signal.addEventListener('abort', leave, { once: true });
      room.add(entry);
    });

  return {
    enter: async (asking, signal) => {
      signal.throwIfAborted();
      const place = placeOf(asking);
      const { kind, expected } = decide(asking, place);
      if (kind === 'queued') return wait(asking, place, expected, signal);
      listener.admitted(asking, 'at_once');
      return ticketOf(asking, place, expected);
    },
    pump,
    close: (fault) => {
      for (const entry of room.all()) entry.fail(fault);
    },
    room,
  };
};
