import type { MediumKind } from '../ask/medium.ts';

/** What a line typed into `isotherm chat` asks for. */
export type ChatLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'attach'; readonly medium: MediumKind; readonly file: string }
  | { readonly kind: 'new' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unknown'; readonly command: string };

const mediumKinds = { picture: 'image', sound: 'audio', video: 'video' } as const;

export const parseChatLine = (line: string): ChatLine => {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  const match = /^\/([a-z]+)(?:\s+(.*))?$/i.exec(text);
  // A path or a regular expression may start with a slash as well; a command is one plain word.
  if (match === null) return { kind: 'say', text };
  const command = (match[1] ?? '').toLowerCase();
  const rest = unquoted(match[2] ?? '');
  switch (command) {
    case 'picture':
    case 'sound':
    case 'video':
      return rest === ''
        ? { kind: 'unknown', command }
        : { kind: 'attach', medium: mediumKinds[command], file: rest };
    case 'new':
    case 'help':
    case 'quit':
      return { kind: command };
    case 'exit':
      return { kind: 'quit' };
    default:
      return { kind: 'unknown', command };
  }
};

/** A file dragged into a terminal comes in quotes. */
const unquoted = (text: string): string => /^(['"])(.*)\1$/.exec(text)?.[2] ?? text;
