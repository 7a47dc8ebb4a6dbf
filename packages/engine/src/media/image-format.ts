import { Fault } from '@isotherm/kernel';

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
  const text = (start: number, end: number): string =>
    String.fromCharCode(...bytes.subarray(start, end));
  const head = text(0, 16);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && text(8, 12) === 'WEBP') return 'webp';
  if (/^(II[*+]\0|MM\0[*+])/.test(head)) return 'tiff';
  if (text(4, 12) === 'ftypavif') return 'avif';
  if (text(4, 12) === 'ftypavis') throw refused('The image is animated; send a single picture.');
  if (looksLikeSvg(text(0, 1024))) {
    throw refused(`The image is SVG, which is not accepted; send one of ${formatNames}.`);
  }
  throw refused(`The file is not an image that can be read; send one of ${formatNames}.`);
};

const looksLikeSvg = (start: string): boolean =>
  /^(\u00ef\u00bb\u00bf)?\s*(<\?xml|<!--|<!DOCTYPE\s+svg|<svg)/i.test(start) && /<svg/i.test(start);

/** Checks a declared media type against the file. Faults: `invalid_argument` when they differ. */
export const checkDeclaredType = (mediaType: string, bytes: Uint8Array): ImageFormat => {
  const format = imageFormatOf(bytes);
  const declared = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!(imageFormats[format] as readonly string[]).includes(declared)) {
    throw refused(
      `The image is declared as ${JSON.stringify(declared.slice(0, 40))} but is ${imageFormats[format][0]}.`,
    );
  }
  return format;
};

/** Whether a PNG is animated: an `acTL` chunk stands before the first `IDAT` (APNG 1.0); decoders show one frame. */
export const isAnimatedPng = (bytes: Uint8Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.byteLength;) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
    at += 12 + view.getUint32(at);
  }
  return false;
};

export const refused = (message: string, cause?: unknown): Fault =>
  new Fault('invalid_argument', message, {
    param: 'image',
    ...(cause === undefined ? {} : { cause }),
  });
