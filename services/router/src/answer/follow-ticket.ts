import type { Ticket } from '../admission/ticket.ts';
import type { ResponseEvent } from './respond.ts';

/** Passes the events of an answer on, and tells its ticket of the first token and the end. */
export async function* followTicket(
  events: AsyncGenerator<ResponseEvent, void, void>,
  ticket: Ticket,
): AsyncGenerator<ResponseEvent, void, void> {
  for await (const event of events) {
    ticket.firstToken();
    if (event.kind === 'finished') ticket.finished(event);
    yield event;
  }
}
