import { Fault } from '@isotherm/kernel';
import type { Conversation, ConversationPart } from './conversation.ts';
import { type Dialect, dialects, type UpstreamServer } from './dialect.ts';

/**
 * The body of a chat completion request in a server's dialect. Faults: `unsupported`, with the
 * field's name, for what that server would not understand.
 */
export const chatBody = (
  { messages, parameters }: Conversation,
  model: string,
  server: UpstreamServer,
): Record<string, unknown> => {
  const dialect = dialects[server];
  return {
    model,
    messages: messages.map(({ role, parts }) => ({ role, content: contentOf(parts, dialect) })),
    ...dialect.neutral,
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => {
        const theirs = Object.hasOwn(dialect.parameters, name)
          ? dialect.parameters[name]
          : undefined;
        if (theirs !== undefined) return [theirs, value];
        throw unsupported(`The server behind this model takes no ${name}.`, name);
      }),
    ),
  };
};

/** Text alone goes as a string, which also servers without media understand. */
const contentOf = (parts: readonly ConversationPart[], dialect: Dialect): unknown => {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return only.text;
  return parts.map((part) => partOf(part, dialect));
};

const partOf = (part: ConversationPart, dialect: Dialect): object => {
  if (part.kind === 'text') return { type: 'text', text: part.text };
  const { kind, mimeType, param } = part;
  if (!dialect.media.has(kind)) {
    throw unsupported(`The server behind this model takes no ${kind}.`, param);
  }
  const base64 = Buffer.from(
    part.bytes.buffer,
    part.bytes.byteOffset,
    part.bytes.byteLength,
  ).toString('base64');
  const url = `data:${mimeType};base64,${base64}`;
  switch (kind) {
    case 'image':
      return { type: 'image_url', image_url: { url } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: base64, format: audioFormat(mimeType) } };
    case 'video':
      return { type: 'video_url', video_url: { url } };
    default:
      return kind satisfies never;
  }
};

/** `audio/mpeg` is `mp3` to OpenAI; the others are named after their type. */
const audioFormat = (mimeType: string): string => {
  const subtype = mimeType.replace(/^audio\/(x-)?/, '');
  return subtype === 'mpeg' ? 'mp3' : subtype === 'wave' ? 'wav' : subtype;
};

const unsupported = (message: string, param: string): Fault =>
  new Fault('unsupported', message, { param });
