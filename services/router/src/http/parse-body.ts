import { isUtf8 } from 'node:buffer';
import { Fault } from '@isotherm/kernel';
import { type ChatCall, parseChatCall } from './chat-schema.ts';

/** From the bytes of a body to a chat request. Throws `invalid_argument`. */
export const parseBody = (body: Uint8Array, deadlineMs: number | undefined): ChatCall =>
  parseChatCall(parseJson(body), deadlineMs);

const decoder = new TextDecoder();

const parseJson = (body: Uint8Array): unknown => {
  // Decoded all the same, wrong bytes would become other characters without a word.
  if (!isUtf8(body)) throw new Fault('invalid_argument', 'The body is not UTF-8.');
  try {
    return JSON.parse(decoder.decode(body));
  } catch (error) {
    throw new Fault('invalid_argument', 'The body is not JSON.', { cause: error });
  }
};
