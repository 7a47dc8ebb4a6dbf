import type { ChatInit } from './chat.ts';

/**
 * Posts a body with `stream: true` and gives the data of the events that came; `onEvent` sees each
 * as it comes.
 */
export const postStream = async (
  http: string,
  body: object,
  init: ChatInit = {},
  onEvent: (data: string) => void = () => undefined,
): Promise<readonly string[]> => {
  const response = await fetch(`${http}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    body: JSON.stringify({ ...body, stream: true }),
    ...(init.signal !== undefined && { signal: init.signal }),
  });
  if (response.body === null) throw new Error('The response has no body.');
  const events: string[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    const lines = rest.split('\n\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.replace(/^data: /, '');
      events.push(data);
      onEvent(data);
    }
  }
  if (rest !== '') throw new Error(`The stream ended inside an event: ${rest}`);
  return events;
};
