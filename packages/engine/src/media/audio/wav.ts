import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';

/** How samples are written in a WAV file. */
type Encoding = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

export interface WavFile extends AudioHeader {
  readonly encoding: Encoding;
  /** Where the samples begin, in bytes. */
  readonly dataStart: number;
}

/** Chunks before the samples; real files have a handful. */
const chunksMax = 1000;

/** Sizes that writers leave when they do not know yet how long the file will be. */
const unknownSizes: readonly number[] = [0, 0x7fff_ffff, 0xffff_ffff];

const bytesPerSample: Readonly<Record<Encoding, number>> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
};

/**
 * Reads a WAV file's chunks up to its samples (RIFF/WAVE, Multimedia Programming Interface 1.0; WAVE_FORMAT_EXTENSIBLE).
 * The samples are as many as the data chunk says: one that says more than there is, or a file that goes on behind it
 * with what is no chunk, is refused.
 */
export const parseWav = (bytes: Uint8Array): WavFile => {
  const view = viewOf(bytes);
  let format: Omit<WavFile, 'samples' | 'dataStart'> | undefined;
  let at = 12;
  for (let chunks = 0; chunks < chunksMax && at + 8 <= bytes.byteLength; chunks++) {
    const name = textAt(bytes, at, at + 4);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') {
      if (size < 16 || start + size > bytes.byteLength) break;
      format = formatOf(view, start, size);
    }
    if (name === 'data') {
      if (format === undefined) break;
      return { ...format, dataStart: start, samples: samplesOf(bytes, start, size, format) };
    }
    at = start + size + (size % 2);
  }
  throw refused('The WAV file is damaged: it has no format or no samples.');
};

const formatOf = (
  view: DataView,
  start: number,
  size: number,
): Omit<WavFile, 'samples' | 'dataStart'> => {
  const tag = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const bits = view.getUint16(start + 14, true);
  // An extensible format names the real one in the first bytes of its GUID.
  const real = tag === 0xfffe && size >= 40 ? view.getUint16(start + 24, true) : tag;
  const encoding = encodingOf(real, bits);
  if (encoding === undefined) {
    throw refused(
      `The WAV file holds format ${real} with ${bits} bits; PCM of 8, 16, 24 or 32 bits or float of 32 or 64 is accepted.`,
    );
  }
  if (view.getUint16(start + 12, true) !== channels * bytesPerSample[encoding]) {
    throw refused('The WAV file is damaged: its block size does not fit its channels.');
  }
  const sampleRateHz = view.getUint32(start + 4, true);
  return { format: 'wav', encoding, channels, sampleRateHz };
};

const encodingOf = (tag: number, bits: number): Encoding | undefined => {
  if (tag === 3) return bits === 32 ? 'f32' : bits === 64 ? 'f64' : undefined;
  if (tag !== 1) return undefined;
  return ({ 8: 'u8', 16: 's16', 24: 's24', 32: 's32' } as const)[bits];
};

const samplesOf = (
  bytes: Uint8Array,
  start: number,
  size: number,
  { channels, encoding }: Pick<WavFile, 'channels' | 'encoding'>,
): number => {
  const present = bytes.byteLength - start;
  const said = unknownSizes.includes(size) ? present : size;
  if (said > present) {
    throw refused(
      `The WAV file is truncated: it says ${said} bytes of samples and has ${present}.`,
    );
  }
  refuseTail(bytes, start + said + (said % 2));
  return Math.floor(said / (channels * bytesPerSample[encoding]));
};

/** Behind the samples only further chunks may stand, and the last one ends where the file ends. */
const refuseTail = (bytes: Uint8Array, from: number): void => {
  const view = viewOf(bytes);
  let at = from;
  for (let chunks = 0; chunks < chunksMax && at + 8 <= bytes.byteLength; chunks++) {
    if (!/^[\x20-\x7e]{4}$/.test(textAt(bytes, at, at + 4))) break;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size % 2);
  }
  // An odd last chunk may lack its padding.
  if (at < bytes.byteLength || at > bytes.byteLength + 1) {
    throw refused('The WAV file goes on behind its samples with bytes that are no sound.');
  }
};

/** Samples `from` to `to` of all channels, mixed to one. NaN and infinities stay what they are. */
export const readWav = (
  bytes: Uint8Array,
  wav: WavFile,
  from: number,
  to: number,
): Float32Array => {
  const view = viewOf(bytes);
  const width = bytesPerSample[wav.encoding];
  const read = readers[wav.encoding];
  const mono = new Float32Array(to - from);
  let at = wav.dataStart + from * wav.channels * width;
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < wav.channels; channel++, at += width) sum += read(view, at);
    mono[index] = sum / wav.channels;
  }
  return mono;
};

const readers: Readonly<Record<Encoding, (view: DataView, at: number) => number>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s16: (view, at) => view.getInt16(at, true) / 32_768,
  s24: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608,
  s32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  f32: (view, at) => view.getFloat32(at, true),
  f64: (view, at) => view.getFloat64(at, true),
};
