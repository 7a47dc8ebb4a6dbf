import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';

/** What an animation says of itself. */
export interface AnimationHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  /** At most one more than was asked for. */
  readonly frames: number;
}

/**
 * Counts the frames of an animated GIF (GIF89a) block by block, without decoding any; ends at one more than
 * `framesMax`.
 */
export const countGifFrames = (bytes: Uint8Array, framesMax: number): AnimationHeader => {
  if (bytes.byteLength < 13) throw refused('The GIF is damaged: its header is cut off.');
  const view = viewOf(bytes);
  const size = { widthPx: view.getUint16(6, true), heightPx: view.getUint16(8, true) };
  let at = 13 + colourTableBytes(view.getUint8(10));
  let frames = 0;
  while (at < bytes.byteLength && frames <= framesMax) {
    const mark = bytes[at];
    if (mark === 0x3b) return { ...size, frames };
    if (mark === 0x2c && at + 10 <= bytes.byteLength) {
      frames += 1;
      at += 11 + colourTableBytes(view.getUint8(at + 9));
    } else if (mark === 0x21) at += 2;
    else throw refused('The GIF is damaged: it holds what is no block.');
    at = subBlocksEnd(bytes, at);
  }
  if (frames <= framesMax) throw refused('The GIF is truncated: it has no end mark.');
  return { ...size, frames };
};

const colourTableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** Behind the sub-blocks (a length, then as many bytes) that end with one of length 0. */
const subBlocksEnd = (bytes: Uint8Array, start: number): number => {
  let at = start;
  for (let length = bytes[at]; length !== undefined && length !== 0; length = bytes[at]) {
    at += length + 1;
  }
  return at + 1;
};

/** Counts the frames of a WebP (RFC 9649) chunk by chunk; a still one has one. Ends as `countGifFrames` does. */
export const countWebpFrames = (bytes: Uint8Array, framesMax: number): AnimationHeader => {
  if (bytes.byteLength < 30) throw refused('The WebP is damaged: its header is cut off.');
  const view = viewOf(bytes);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.byteLength) throw refused('The WebP is truncated.');
  let frames = 0;
  for (let at = 12; at + 8 <= end && frames <= framesMax;) {
    if (/^(ANMF|VP8 |VP8L)$/.test(textAt(bytes, at, at + 4))) frames += 1;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return { ...webpSize(bytes, view), frames };
};

const webpSize = (
  bytes: Uint8Array,
  view: DataView,
): Pick<AnimationHeader, 'widthPx' | 'heightPx'> => {
  switch (textAt(bytes, 12, 16)) {
    case 'VP8X':
      return {
        widthPx: 1 + (view.getUint32(24, true) & 0xff_ffff),
        heightPx: 1 + (view.getUint32(26, true) >>> 8),
      };
    case 'VP8L': {
      const packed = view.getUint32(21, true);
      return { widthPx: 1 + (packed & 0x3fff), heightPx: 1 + ((packed >>> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return {
        widthPx: view.getUint16(26, true) & 0x3fff,
        heightPx: view.getUint16(28, true) & 0x3fff,
      };
    default:
      throw refused('The WebP is damaged: it begins with no picture.');
  }
};
