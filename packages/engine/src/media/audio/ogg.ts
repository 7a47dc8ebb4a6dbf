import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';

export interface OggFile extends AudioHeader {
  readonly codec: 'opus' | 'vorbis';
  /** Samples at the start that are decoded and thrown away (Opus, RFC 7845). */
  readonly preSkip: number;
}

/** A page of an Ogg stream (RFC 3533): its whole bytes, and the packets that end on it. */
export interface OggPage {
  readonly serial: number;
  /** Samples up to the end of the page; undefined where no packet ends on it. */
  readonly granule: number | undefined;
  readonly start: number;
  readonly end: number;
  /** Lengths of the segments; one below 255 ends a packet. */
  readonly segments: Uint8Array;
}

/** The largest page: its header, 255 segments and their lengths. */
const pageBytesMax = 27 + 255 + 255 * 255;

/** The page at `start`; undefined where there is none or it is cut off. */
export const oggPageAt = (bytes: Uint8Array, start: number): OggPage | undefined => {
  if (start + 27 > bytes.byteLength || textAt(bytes, start, start + 5) !== 'OggS\0')
    return undefined;
  const view = viewOf(bytes);
  const count = view.getUint8(start + 26);
  const segments = bytes.subarray(start + 27, start + 27 + count);
  const end = start + 27 + count + segments.reduce((sum, length) => sum + length, 0);
  if (segments.length < count || end > bytes.byteLength) return undefined;
  const granule = view.getBigInt64(start + 6, true);
  return {
    serial: view.getUint32(start + 14, true),
    granule: granule < 0n ? undefined : Number(granule),
    start,
    end,
    segments,
  };
};

/**
 * Reads the first page of an Ogg file, which names the codec, and the last one, which says how many samples there are.
 * Files of several streams, one beside or after the other, are refused.
 */
export const parseOgg = (bytes: Uint8Array): OggFile => {
  const first = oggPageAt(bytes, 0);
  if (first === undefined) throw refused('The OGG file is damaged: it has no first page.');
  const identification = identify(bytes.subarray(27 + first.segments.length, first.end));
  const last = lastPage(bytes);
  if (last?.granule === undefined) {
    throw refused('The OGG file is truncated: it does not end with a whole page.');
  }
  if (last.serial !== first.serial) {
    throw refused('The OGG file holds several streams; send a single sound.');
  }
  const samples = last.granule - identification.preSkip;
  if (samples < 1) throw refused('The OGG file holds no samples.');
  return { format: 'ogg', ...identification, samples };
};

const identify = (packet: Uint8Array): Omit<OggFile, 'format' | 'samples'> => {
  const view = viewOf(packet);
  if (packet.byteLength >= 19 && textAt(packet, 0, 8) === 'OpusHead') {
    // Opus is decoded at 48 kHz, whatever rate was recorded. Mapping family 0 is one or two channels.
    if (view.getUint8(18) !== 0) {
      throw refused('The OGG file holds Opus of more than two channels; send one or two.');
    }
    const preSkip = view.getUint16(10, true);
    return { codec: 'opus', channels: view.getUint8(9), sampleRateHz: 48_000, preSkip };
  }
  if (packet.byteLength >= 30 && textAt(packet, 0, 7) === '\x01vorbis') {
    const sampleRateHz = view.getUint32(12, true);
    return { codec: 'vorbis', channels: view.getUint8(11), sampleRateHz, preSkip: 0 };
  }
  throw refused('The OGG file holds neither Vorbis nor Opus.');
};

/** Looks back from the end over the size of the largest page, for a page that ends where the file ends. */
const lastPage = (bytes: Uint8Array): OggPage | undefined => {
  const earliest = Math.max(0, bytes.byteLength - pageBytesMax);
  for (let at = bytes.byteLength - 27; at >= earliest; at--) {
    if (bytes[at] !== 0x4f || bytes[at + 1] !== 0x67) continue;
    const page = oggPageAt(bytes, at);
    if (page?.end === bytes.byteLength) return page;
  }
  return undefined;
};

/** The pages of a file one after the other; ends where no page follows. */
export function* oggPages(bytes: Uint8Array): Generator<OggPage, void, void> {
  let page = oggPageAt(bytes, 0);
  for (; page !== undefined; page = oggPageAt(bytes, page.end)) yield page;
}

/** The packets of a stream, those that go over several pages put together. */
export function* oggPackets(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  let parts: Uint8Array[] = [];
  for (const page of oggPages(bytes)) {
    let at = page.start + 27 + page.segments.length;
    for (const length of page.segments) {
      parts.push(bytes.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      yield Buffer.concat(parts);
      parts = [];
    }
  }
}
