import { inflateSync } from 'node:zlib';
import type { RgbImage } from './rgb-image.ts';
import { pngChunksOf } from './png-chunks.ts';

/** Up to this many bytes of pixels the library's pipeline, its threads and its file formats cost more than the pixels. */
const pixelBytesMax = 1 << 18;
const channels = 3;
const trueColour = 2;

/** Chunks that leave the pixels as they are. */
const harmless = new Set(['IHDR', 'IDAT', 'IEND', 'pHYs', 'tEXt', 'zTXt', 'iTXt', 'tIME', 'sRGB']);

/**
 * The pixels of a small PNG of the plainest kind (8-bit red, green, blue, rows in order, no colour profile and nothing
 * else that changes what is seen), as the library would give them, at a quarter of the time. Undefined for any other file
 * and for one that is damaged: what to say of it is the library's to decide.
 */
export const decodeSmallPng = (bytes: Uint8Array): RgbImage | undefined => {
  const png = pngChunksOf(bytes);
  if (png === undefined || png.interlaced) return undefined;
  const { widthPx, heightPx, bitDepth, colourType, chunks } = png;
  const rowBytes = widthPx * channels;
  const plain = bitDepth === 8 && colourType === trueColour && rowBytes * heightPx <= pixelBytesMax;
  if (!plain || chunks.some(({ type }) => !harmless.has(type))) return undefined;
  const packed = chunks.flatMap(({ type, data }) => (type === 'IDAT' ? [data] : []));
  const filtered = inflated(packed, (rowBytes + 1) * heightPx);
  if (filtered === undefined) return undefined;
  const data = new Uint8ClampedArray(rowBytes * heightPx);
  for (let row = 0; row < heightPx; row++) {
    const start = row * (rowBytes + 1) + 1;
    const kind = filtered[start - 1] ?? 0;
    const line = filtered.subarray(start, start + rowBytes);
    if (!restoreRow(kind, line, data, row * rowBytes)) return undefined;
  }
  return { widthPx, heightPx, data };
};

const inflated = (packed: readonly Uint8Array[], length: number): Uint8Array | undefined => {
  try {
    const [only] = packed;
    const bytes = packed.length === 1 && only !== undefined ? only : Buffer.concat(packed);
    const plain = inflateSync(bytes, { maxOutputLength: length });
    return plain.byteLength === length ? plain : undefined;
  } catch {
    return undefined;
  }
};

/** Undoes a row's filter (PNG 9.2), given the row above it in `data`; false for a filter that there is not. */
const restoreRow = (
  kind: number,
  line: Uint8Array,
  data: Uint8ClampedArray,
  start: number,
): boolean => {
  const width = line.length;
  const above = start - width;
  switch (kind) {
    case 0:
      data.set(line, start);
      return true;
    case 1:
      for (let at = 0; at < width; at++) {
        const left = at < channels ? 0 : (data[start + at - channels] ?? 0);
        data[start + at] = ((line[at] ?? 0) + left) & 255;
      }
      return true;
    case 2:
      for (let at = 0; at < width; at++) {
        const up = above < 0 ? 0 : (data[above + at] ?? 0);
        data[start + at] = ((line[at] ?? 0) + up) & 255;
      }
      return true;
    case 3:
      for (let at = 0; at < width; at++) {
        const left = at < channels ? 0 : (data[start + at - channels] ?? 0);
        const up = above < 0 ? 0 : (data[above + at] ?? 0);
        data[start + at] = ((line[at] ?? 0) + ((left + up) >> 1)) & 255;
      }
      return true;
    case 4:
      for (let at = 0; at < width; at++) {
        const left = at < channels ? 0 : (data[start + at - channels] ?? 0);
        const up = above < 0 ? 0 : (data[above + at] ?? 0);
        const corner = at < channels || above < 0 ? 0 : (data[above + at - channels] ?? 0);
        data[start + at] = ((line[at] ?? 0) + paeth(left, up, corner)) & 255;
      }
      return true;
    default:
      return false;
  }
};

/** The neighbour that is nearest to left + up - corner (PNG 9.4). */
const paeth = (left: number, up: number, corner: number): number => {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
};
