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
      'Pictures are not fetched from the network: send a data URL, data:image/png;base64,….',
      { param },
    );
  }
  const match = pattern.exec(url.slice(0, 200));
  const mimeType = match?.[1];
  if (match === null || mimeType === undefined) {
    throw new Fault('invalid_argument', 'Must be a data URL: data:image/png;base64,….', { param });
  }
  const base64 = url.slice(match[0].length);
  if (!isBase64(base64)) {
    throw new Fault('invalid_argument', 'The data URL holds characters that are not base64.', {
      param,
    });
  }
  return { bytes: Buffer.from(base64, 'base64'), mimeType: mimeType.toLowerCase() };
};

/** Buffer.from skips what it does not know; a truncated or mistyped URL must not pass as another picture. */
const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/_-]*={0,2}$/.test(text);
