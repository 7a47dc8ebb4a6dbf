import { ttftTargetMs } from '@isotherm/policy';
import type { Expectation, TtftBook } from './expect-ttft.ts';
import type { Asking, GateOptions } from './gate-options.ts';
import { type AnswerAccount, createTicket, type Ticket } from './ticket.ts';
import type { WaitingRequest } from './waiting-room.ts';

export interface OpenTicketOptions extends Pick<
  GateOptions,
  'ledger' | 'tenants' | 'classes' | 'listener'
> {
  readonly book: Pick<TtftBook, 'served'>;
  nowMs(): number;
  /** There may be room for others. */
  onRoom(): void;
}

export type OpenTicket = (
  asking: Asking,
  place: WaitingRequest,
  expected: Expectation | undefined,
) => Ticket;

/** Lets a request into the fleet, and holds what becomes of it against what its class promises. */
export const createOpenTicket =
  ({ ledger, tenants, classes, listener, book, nowMs, onRoom }: OpenTicketOptions): OpenTicket =>
  (asking, { demand, arrivedMs }, expected) => {
    const { sloClass, tenant, promptTokens } = asking;
    const slo = classes[sloClass];
    const enteredMs = nowMs();
    let firstMs: number | undefined;
    const onFirstToken = (): void => {
      firstMs = nowMs();
      book.served(demand, expected, firstMs - enteredMs);
      listener.firstToken(asking, firstMs - arrivedMs <= ttftTargetMs(slo, promptTokens));
    };
    const onFinished = ({ completionTokens }: AnswerAccount): void => {
      if (firstMs !== undefined && completionTokens > 1) {
        const meanMs = (nowMs() - firstMs) / (completionTokens - 1);
        listener.answered(asking, meanMs <= slo.tokenMs);
      }
      const used = promptTokens + completionTokens;
      tenants.giveBack(tenant, Math.max(0, asking.demand.cost - used));
    };
    const waitedMs = enteredMs - arrivedMs;
    const told = { onFirstToken, onFinished, onRoom };
    return createTicket({ ledger, demand, sloClass, enteredMs, waitedMs, nowMs, ...told });
  };
