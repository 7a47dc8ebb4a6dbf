import { textAt } from '../byte-reader.ts';
import { refused } from '../refused.ts';

/** Clips that can be read, with the media types by which clients may declare them. */
export const videoFormats = {
  gif: ['image/gif'],
  webp: ['image/webp'],
  mp4: ['video/mp4', 'video/quicktime', 'video/x-m4v'],
  webm: ['video/webm', 'video/x-matroska'],
} as const;

export type VideoFormat = keyof typeof videoFormats;

/**
 * The format by a file's first bytes. Faults: `invalid_argument` for anything else.
 */
export const videoFormatOf = (bytes: Uint8Array): VideoFormat => {
  if (bytes.byteLength === 0) throw refused('The clip has 0 bytes.');
  const head = textAt(bytes, 0, 12);
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'webp';
  if (head.startsWith('\x1a\x45\xdf\xa3')) return 'webm';
  // AVIF and HEIC are of the same family as MP4.
  if (/^....ftyp(iso|mp4|avc1|M4V|qt|dash|MSNV)/s.test(head)) return 'mp4';
  throw refused('The file is not a clip that can be read; send MP4, WebM, animated GIF or WebP.');
};
