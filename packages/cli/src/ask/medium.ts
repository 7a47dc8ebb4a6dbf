import { readFile } from 'node:fs/promises';
import type { PartInput } from '@isotherm/proto';
import { CommandError } from '../exit-code.ts';

export type MediumKind = 'image' | 'audio' | 'video';

/** A file that goes with a question. */
export interface Medium {
  readonly kind: MediumKind;
  readonly bytes: Buffer;
}

/**
 * Reads a file as a medium, of the kind given or that its first bytes say; whether it can be read is for the router to
 * say. Throws a CommandError for a file that is not there.
 */
export const readMedium = async (file: string, kind?: MediumKind): Promise<Medium> => {
  const bytes = await readFile(file).catch((error: unknown) => {
    const reason = reasons.get((error as NodeJS.ErrnoException).code ?? '') ?? 'it cannot be read';
    const message = `${file}: ${reason}. Give the path of a picture, a sound or a clip.`;
    throw new CommandError(message, { cause: error });
  });
  return { kind: kind ?? (await kindOf(bytes)), bytes };
};

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'it may not be read'],
]);

/** GIF and WebP are clips where they are animated; what nobody knows is sent as an image. */
export const kindOf = async (bytes: Uint8Array): Promise<MediumKind> => {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (/^(RIFF....WAVE|fLaC|OggS|ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/s.test(head)) return 'audio';
  if (/^....ftyp(?!avi|hei|mif)/s.test(head) || head.startsWith('\x1aE\xdf\xa3')) return 'video';
  if (!/^(GIF8|RIFF....WEBP)/s.test(head)) return 'image';
  // Loaded where it is needed: most runs of the command look into no animation.
  const { default: sharp } = await import('sharp');
  const { pages = 1 } = await sharp(bytes)
    .metadata()
    .catch(() => ({ pages: 1 }));
  return pages > 1 ? 'video' : 'image';
};

/** A medium as a part of a message. */
export const mediumPart = ({ kind, bytes }: Medium): PartInput => {
  switch (kind) {
    case 'image':
      return { image: bytes, part: 'image' };
    case 'audio':
      return { audio: bytes, part: 'audio' };
    case 'video':
      return { video: bytes, part: 'video' };
    default:
      return kind satisfies never;
  }
};
