import { Fault } from '@isotherm/kernel';
import type { Conversation, ConversationPart } from './conversation.ts';
import type { SpellFile } from './request-body.ts';
import { type Dialect, dialects, type UpstreamServer } from './dialect.ts';

/**
 * The body of a chat completion request in a server's dialect. Faults: `unsupported`, with the
 * field's name, for what that server would not understand.
 */
export const chatBody = (
  { messages, parameters }: Conversation,
  model: string,
  server: UpstreamServer,
  spell: SpellFile,
): Record<string, unknown> => {
  const dialect = dialects[server];
  return {
    model,
    messages: messages.map(({ role, parts }) => ({
      role,
      content: contentOf(parts, dialect, spell),
    })),
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
const contentOf = (
  parts: readonly ConversationPart[],
  dialect: Dialect,
  spell: SpellFile,
): unknown => {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return only.text;
  return parts.map((part) => partOf(part, dialect, spell));
};

const partOf = (part: ConversationPart, dialect: Dialect, spell: SpellFile): object => {
  /** vLLM's `video/jpeg` is a list of image files. */
  const dataUrl = (mimeType: string, files: readonly Uint8Array[]): string =>
    `data:${mimeType};base64,${files.map(spell).join(',')}`;
  if (part.kind === 'text') return { type: 'text', text: part.text };
  if (!dialect.media.has(part.kind)) {
    const what = part.kind === 'frames' ? 'clip as frames' : part.kind;
    throw unsupported(`The server behind this model takes no ${what}.`, part.param);
  }
  switch (part.kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: dataUrl(part.mimeType, [part.bytes]) } };
    case 'audio': {
      const format = audioFormat(part.mimeType);
      return { type: 'input_audio', input_audio: { data: spell(part.bytes), format } };
    }
    case 'video':
      return { type: 'video_url', video_url: { url: dataUrl(part.mimeType, [part.bytes]) } };
    case 'frames':
      return { type: 'video_url', video_url: { url: dataUrl('video/jpeg', part.frames) } };
    default:
      return part satisfies never;
  }
};

/** `audio/mpeg` is `mp3` to OpenAI; the others are named after their type. */
const audioFormat = (mimeType: string): string => {
  const subtype = mimeType.replace(/^audio\/(x-)?/, '');
  return subtype === 'mpeg' ? 'mp3' : subtype === 'wave' ? 'wav' : subtype;
};

const unsupported = (message: string, param: string): Fault =>
  new Fault('unsupported', message, { param });
