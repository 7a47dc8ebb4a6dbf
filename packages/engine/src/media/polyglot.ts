import { textAt, viewOf } from './byte-reader.ts';
import { refused } from './refused.ts';

/** How much of a file's start and end is looked at for markup, in bytes. */
const markupBytes = 4096;

/** A ZIP file ends with this record of 22 bytes and a comment of at most 65,535 (APPNOTE 4.3.16). */
const zipEndBytesMax = 22 + 0xffff;

/**
 * Refuses a medium that is at the same time a page, a script or an archive. Such files exist to pass one check as a
 * picture and be run by something else as what they also are; nothing here would run them, but they would be kept and
 * passed on. What only follows a picture's end (phones append clips to JPEG files) is no reason to refuse it.
 */
export const refusePolyglot = (bytes: Uint8Array): void => {
  const start = textAt(bytes, 0, markupBytes);
  const end = textAt(bytes, Math.max(0, bytes.byteLength - markupBytes), bytes.byteLength);
  const markup = /<(!doctype html|html|script|\?php|svg)[\s>]/i;
  if (markup.test(start) || markup.test(end)) {
    throw refused('The file is also a page or a script; send the medium alone.');
  }
  // "GIF89a" is a name in JavaScript, and the size that follows can open a comment or an assignment.
  if (/^GIF8[79]a(\/\*|=[\x20-\x7e])/.test(start)) {
    throw refused('The file is also a script; send the medium alone.');
  }
  if (endsAsZip(bytes)) throw refused('The file is also a ZIP archive; send the medium alone.');
};

const endsAsZip = (bytes: Uint8Array): boolean => {
  const view = viewOf(bytes);
  const earliest = Math.max(0, bytes.byteLength - zipEndBytesMax);
  for (let at = bytes.byteLength - 22; at >= earliest; at--) {
    if (bytes[at] !== 0x50 || bytes[at + 1] !== 0x4b) continue;
    const isEnd = view.getUint16(at + 2) === 0x0506;
    if (isEnd && at + 22 + view.getUint16(at + 20, true) === bytes.byteLength) return true;
  }
  return false;
};
