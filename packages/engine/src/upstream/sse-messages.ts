import { Fault } from '@isotherm/kernel';
import { createParser } from 'eventsource-parser';

/** Largest single event in bytes. */
const eventBytesMax = 4 << 20;

/**
 * The data of the server-sent events in a body, however it was cut into chunks; those that came together are given
 * together. Comments and
 * keep-alives are passed over. An `error:` field, which older llama.cpp servers send, counts as
 * data. Faults: `unavailable` for an event that is too large.
 */
export async function* sseMessages(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[], void> {
  const ready: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => void ready.push(data),
    onError: ({ field, value }) => {
      if (field === 'error' && value !== undefined) ready.push(JSON.stringify({ error: value }));
    },
  });
  const decoder = new TextDecoder();
  let pendingBytes = 0;
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    pendingBytes = ready.length > 0 ? 0 : pendingBytes + chunk.length;
    if (pendingBytes > eventBytesMax) {
      throw new Fault(
        'unavailable',
        `The upstream server sent an event over ${eventBytesMax} bytes.`,
      );
    }
    if (ready.length > 0) yield ready.splice(0);
  }
  // A last event counts even where its empty line was left out.
  parser.feed(`${decoder.decode()}\n\n`);
  if (ready.length > 0) yield ready;
}
