import type { AnswerAccount, Ticket } from '../admission/ticket.ts';

type Followed = { readonly kind: 'text' } | ({ readonly kind: 'finished' } & AnswerAccount);

/** Passes the events of an answer on, and tells its ticket of the first token and the end. */
export async function* followTicket<Event extends Followed>(
  events: AsyncGenerator<Event, void, void>,
  ticket: Ticket,
): AsyncGenerator<Event, void, void> {
  for await (const event of events) {
    ticket.firstToken();
    if (event.kind === 'finished') ticket.finished(event);
    yield event;
  }
}
