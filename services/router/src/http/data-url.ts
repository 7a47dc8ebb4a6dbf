import { Fault } from '@isotherm/kernel';

const pattern = /^data:([a-z]+\/[a-z0-9.+-]+)(?:;[a-z0-9-]+=[^;,]*)*;base64,/i;

/** Bytes and declared type of a base64 data URL. Throws `invalid_argument` at `param`. */
export const parseDataUrl = (
  url: string,
  param: string,
): { readonly bytes: Uint8Array; readonly mimeType: string } => {
  if (/^https?:/i.test(url)) {
    throw new Fault(
      'unsupported',
      'Media are not fetched from the network: send a data URL, data:image/png;base64,….',
      { param },
    );
  }
  const match = pattern.exec(url.slice(0, 200));
  const mimeType = match?.[1];
  if (match === null || mimeType === undefined) {
    throw new Fault('invalid_argument', 'Must be a data URL: data:image/png;base64,….', { param });
  }
  return {
    bytes: parseBase64(url.slice(match[0].length), param),
    mimeType: mimeType.toLowerCase(),
  };
};

/** Bytes of base64 text. Throws `invalid_argument` at `param`. */
export const parseBase64 = (text: string, param: string): Uint8Array => {
  if (isBase64(text)) return Buffer.from(text, 'base64');
  throw new Fault('invalid_argument', 'The data holds characters that are not base64.', { param });
};

/** What a list of frames begins with: JPEG files in base64 with commas between them. */
const frameListHead = /^data:video\/jpe?g;base64,/i;

/** The frames of a list; undefined for any other URL. Throws `invalid_argument` at `param`. */
export const parseFrameList = (url: string, param: string): readonly Uint8Array[] | undefined => {
  const head = frameListHead.exec(url.slice(0, 40))?.[0];
  if (head === undefined) return undefined;
  return url
    .slice(head.length)
    .split(',')
    .map((frame) => parseBase64(frame, param));
};

/** Buffer.from skips what it does not know; a truncated or mistyped URL must not pass as another picture. */
const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/_-]*={0,2}$/.test(text);
