import { textAt, viewOf } from '../byte-reader.ts';

/** A PNG's header, and its chunks in order. */
export interface PngChunks {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitDepth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
  readonly chunks: readonly PngChunk[];
}

export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** More chunks than any writer makes of a picture of these sizes; such a file is left to the library. */
const chunksMax = 64;
const headerBytes = 13;
const sideMax = 2 ** 31 - 1;

/** Bits a sample that each colour type may have (PNG 11.2.1). */
const bitDepths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** The chunks of a PNG that is whole and well-formed as far as they tell, to its IEND; undefined for any other file. */
export const pngChunksOf = (bytes: Uint8Array): PngChunks | undefined => {
  const view = viewOf(bytes);
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= bytes.byteLength && chunks.length < chunksMax;) {
    const length = view.getUint32(at);
    const start = at + 8;
    if (start + length + 4 > bytes.byteLength) return undefined;
    const type = textAt(bytes, at + 4, start);
    chunks.push({ type, data: bytes.subarray(start, start + length) });
    if (type === 'IEND') return headerOf(chunks);
    at = start + length + 4;
  }
  return undefined;
};

const headerOf = (chunks: readonly PngChunk[]): PngChunks | undefined => {
  const [first] = chunks;
  if (first?.type !== 'IHDR' || first.data.byteLength !== headerBytes) return undefined;
  if (!chunks.some(({ type }) => type === 'IDAT')) return undefined;
  const view = viewOf(first.data);
  const [widthPx, heightPx] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth = 0, colourType = 0, compression, filter, interlace] = first.data.subarray(8);
  const known =
    Math.min(widthPx, heightPx) > 0 &&
    Math.max(widthPx, heightPx) <= sideMax &&
    bitDepths[colourType]?.includes(bitDepth) === true &&
    compression === 0 &&
    filter === 0 &&
    (interlace === 0 || interlace === 1);
  if (!known) return undefined;
  return { widthPx, heightPx, bitDepth, colourType, interlaced: interlace === 1, chunks };
};
