import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';

/** What an animation says of itself. */
export interface AnimationHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  /** How long each frame is shown, in milliseconds; of at most one frame more than was asked for. */
  readonly delaysMs: readonly number[];
}

/**
 * A delay as browsers take it: of at most 10 ms (0 above all, which encoders write for "not said") it is 100 ms; any
 * other, however long, stands.
 */
const shownMs = (delayMs: number): number => (delayMs <= 10 ? 100 : delayMs);

/**
 * Lists the frames of an animated GIF (GIF89a) block by block, without decoding any; ends at one more than
 * `framesMax`.
 */
export const listGifFrames = (bytes: Uint8Array, framesMax: number): AnimationHeader => {
  if (bytes.byteLength < 13) throw refused('The GIF is damaged: its header is cut off.');
  const view = viewOf(bytes);
  const size = { widthPx: view.getUint16(6, true), heightPx: view.getUint16(8, true) };
  let at = 13 + colourTableBytes(view.getUint8(10));
  const delaysMs: number[] = [];
  /** Of the frame that comes next; a graphic control extension says it, in hundredths of a second. */
  let delayMs = 0;
  while (at < bytes.byteLength && delaysMs.length <= framesMax) {
    const mark = bytes[at];
    if (mark === 0x3b) return { ...size, delaysMs };
    if (mark === 0x2c && at + 10 <= bytes.byteLength) {
      delaysMs.push(shownMs(delayMs));
      delayMs = 0;
      at += 11 + colourTableBytes(view.getUint8(at + 9));
    } else if (mark === 0x21) {
      if (bytes[at + 1] === 0xf9 && bytes[at + 2] === 4 && at + 6 <= bytes.byteLength) {
        delayMs = 10 * view.getUint16(at + 4, true);
      }
      at += 2;
    } else throw refused('The GIF is damaged: it holds what is no block.');
    at = subBlocksEnd(bytes, at);
  }
  if (delaysMs.length <= framesMax) throw refused('The GIF is truncated: it has no end mark.');
  return { ...size, delaysMs };
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

/** Lists the frames of a WebP (RFC 9649) chunk by chunk; a still one has one. Ends as `listGifFrames` does. */
export const listWebpFrames = (bytes: Uint8Array, framesMax: number): AnimationHeader => {
  if (bytes.byteLength < 30) throw refused('The WebP is damaged: its header is cut off.');
  const view = viewOf(bytes);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.byteLength) throw refused('The WebP is truncated.');
  const delaysMs: number[] = [];
  for (let at = 12; at + 8 <= end && delaysMs.length <= framesMax;) {
    const chunk = textAt(bytes, at, at + 4);
    const timed = chunk === 'ANMF' && at + 24 <= end;
    if (/^(ANMF|VP8 |VP8L)$/.test(chunk)) {
      delaysMs.push(shownMs(timed ? view.getUint32(at + 20, true) & 0xff_ffff : 0));
    }
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  return { ...webpSize(bytes, view), delaysMs };
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
