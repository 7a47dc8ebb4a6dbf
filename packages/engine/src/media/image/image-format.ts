import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';

/** Image files that can be read, with the media types by which clients may declare them. */
export const imageFormats = {
  png: ['image/png', 'image/apng'],
  jpeg: ['image/jpeg', 'image/jpg', 'image/pjpeg'],
  webp: ['image/webp'],
  gif: ['image/gif'],
  tiff: ['image/tiff'],
  avif: ['image/avif'],
} as const;

export type ImageFormat = keyof typeof imageFormats;

const formatNames = (Object.keys(imageFormats) as readonly ImageFormat[])
  .map((format) => format.toUpperCase())
  .join(', ');

/**
 * The format by a file's first bytes. A file is recognised before any decoder sees it, so that only these formats'
 * decoders are reachable. Faults: `invalid_argument` for anything else.
 */
export const imageFormatOf = (bytes: Uint8Array): ImageFormat => {
  if (bytes.byteLength === 0) throw refused('The image has 0 bytes.');
  const head = textAt(bytes, 0, 16);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(head)) return 'tiff';
  if (head.slice(4, 12) === 'ftypavif') return 'avif';
  if (head.slice(4, 12) === 'ftypavis')
    throw refused('The image is animated; send a single picture.');
  if (looksLikeSvg(textAt(bytes, 0, 1024))) {
    throw refused(`The image is SVG, which is not accepted; send one of ${formatNames}.`);
  }
  throw refused(`The file is not an image that can be read; send one of ${formatNames}.`);
};

const looksLikeSvg = (start: string): boolean =>
  /^(\u00ef\u00bb\u00bf)?\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg)/i.test(start) && /<svg/i.test(start);

/** Whether a PNG is animated: an `acTL` chunk stands before the first `IDAT` (APNG 1.0); decoders show one frame. */
export const isAnimatedPng = (bytes: Uint8Array): boolean => {
  const view = viewOf(bytes);
  for (let at = 8; at + 8 <= bytes.byteLength;) {
    const type = textAt(bytes, at + 4, at + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
    at += 12 + view.getUint32(at);
  }
  return false;
};
