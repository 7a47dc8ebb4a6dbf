import type { ChatPart } from '../answer/chat.ts';
import type { ChatCall } from '../http/chat-schema.ts';

/**
 * The same call with each file in a buffer of its own, and these buffers: they can move to another thread. Node keeps
 * small ones in a common pool, which must not move.
 */
export const withOwnBuffers = (
  call: ChatCall,
): { readonly call: ChatCall; readonly buffers: readonly ArrayBuffer[] } => {
  const buffers: ArrayBuffer[] = [];
  const own = (bytes: Uint8Array): Uint8Array => {
    const { buffer } = bytes;
    const alone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
    const kept = alone ? new Uint8Array(buffer) : Uint8Array.from(bytes);
    buffers.push(kept.buffer);
    return kept;
  };
  const partOf = (part: ChatPart): ChatPart => {
    switch (part.kind) {
      case 'text':
        return part;
      case 'file':
        return { ...part, bytes: own(part.bytes) };
      case 'frames':
        return { ...part, frames: part.frames.map(own) };
      default:
        return part satisfies never;
    }
  };
  const messages = call.chat.messages.map((message) => ({
    ...message,
    parts: message.parts.map(partOf),
  }));
  return { call: { ...call, chat: { ...call.chat, messages } }, buffers };
};
