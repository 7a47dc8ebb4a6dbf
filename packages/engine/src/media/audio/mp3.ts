import { textAt, viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';

export interface Mp3File extends AudioHeader {
  /** Where each frame begins, and behind the last one where it ends, in bytes. */
  readonly frameStarts: readonly number[];
}

interface FrameHeader {
  readonly version: 1 | 2 | 2.5;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly bytes: number;
  readonly samples: 1152 | 576;
}

const bitratesKbps = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const sampleRatesHz = { 1: [44_100, 48_000, 32_000], 2: [22_050, 24_000, 16_000] } as const;

/** The header of a layer III frame (ISO 11172-3, 2.4.1.3); undefined where there is none. */
const frameAt = (bytes: Uint8Array, at: number): FrameHeader | undefined => {
  const [sync = 0, kind = 0, rates = 0, mode = 0] = bytes.subarray(at, at + 4);
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0 || (kind & 0x06) !== 0x02) return undefined;
  const version = ([2.5, undefined, 2, 1] as const)[((kind >> 3) & 3) as 0 | 1 | 2 | 3];
  if (version === undefined) return undefined;
  const table = version === 1 ? 1 : 2;
  const kbps = bitratesKbps[table][rates >> 4];
  const rate = sampleRatesHz[table][(rates >> 2) & 3];
  if (kbps === undefined || kbps === 0 || rate === undefined) return undefined;
  const sampleRateHz = version === 2.5 ? rate / 2 : rate;
  const samples = version === 1 ? 1152 : 576;
  const length = Math.floor((samples / 8) * ((kbps * 1000) / sampleRateHz)) + ((rates >> 1) & 1);
  return { version, sampleRateHz, channels: mode >> 6 === 3 ? 1 : 2, bytes: length, samples };
};

/**
 * Walks the frames of an MP3 file: what its tags claim is not believed. A frame header every few hundred bytes is all
 * that is read, and the walk ends with a refusal as soon as there are more than `samplesMax`. Padding that an encoder
 * states in the first frame (LAME's tag) is not counted, as decoders leave it out.
 */
export const parseMp3 = (bytes: Uint8Array, samplesMax: number): Mp3File => {
  const frameStarts: number[] = [];
  let at = tagEnd(bytes);
  const first = frameAt(bytes, at);
  if (first === undefined) throw refused('The MP3 file is damaged: no sound follows its tags.');
  const padding = paddingIn(bytes.subarray(at, at + first.bytes));
  let samples = padding === undefined ? 0 : -first.samples - padding.samples;
  for (
    let frame: FrameHeader | undefined = first;
    frame !== undefined;
    frame = frameAt(bytes, at)
  ) {
    if (frame.sampleRateHz !== first.sampleRateHz || frame.version !== first.version) {
      throw refused('The MP3 file changes its sample rate on the way.');
    }
    if (at + frame.bytes > bytes.byteLength) break;
    frameStarts.push(at);
    samples += frame.samples;
    at += frame.bytes;
    if (samples > samplesMax) break;
  }
  if (samples <= samplesMax) refuseTail(bytes, at);
  if (samples < 1) throw refused('The MP3 file holds no samples.');
  const { sampleRateHz, channels } = first;
  return { format: 'mp3', sampleRateHz, channels, samples, frameStarts: [...frameStarts, at] };
};

/** End of an ID3v2 tag at the start (its size is in 28 bits, 7 a byte); 0 where there is none. */
const tagEnd = (bytes: Uint8Array): number => {
  if (textAt(bytes, 0, 3) !== 'ID3' || bytes.byteLength < 10) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(6, 10);
  const footer = ((bytes[5] ?? 0) & 0x10) === 0 ? 0 : 10;
  return 10 + (a & 0x7f) * 2 ** 21 + (b & 0x7f) * 2 ** 14 + (c & 0x7f) * 128 + (d & 0x7f) + footer;
};

/** The first frame of many files holds no sound but an account: `Xing` or `Info`, then LAME's 12 + 12 bits of padding. */
const paddingIn = (frame: Uint8Array): { readonly samples: number } | undefined => {
  const text = textAt(frame, 0, Math.min(frame.byteLength, 64));
  const mark = Math.max(text.indexOf('Xing'), text.indexOf('Info'));
  if (mark < 0 || mark + 8 > frame.byteLength) return undefined;
  const flags = viewOf(frame).getUint32(mark + 4);
  const fields = [4, 4, 100, 4].filter((_, bit) => (flags & (1 << bit)) !== 0);
  const lame = mark + 8 + fields.reduce((sum, size) => sum + size, 0);
  const [high = 0, middle = 0, low = 0] = frame.subarray(lame + 21, lame + 24);
  const known = /^(LAME|Lavc|Lavf)/.test(textAt(frame, lame, lame + 4));
  return { samples: known ? ((high << 4) | (middle >> 4)) + (((middle & 15) << 8) | low) : 0 };
};

/** Behind the frames only tags may stand. */
const refuseTail = (bytes: Uint8Array, from: number): void => {
  const rest = bytes.byteLength - from;
  const name = textAt(bytes, from, from + 8);
  const isTag = rest === 128 && name.startsWith('TAG');
  // A recording that was stopped may end inside a frame.
  const isCutFrame = frameAt(bytes, from) !== undefined;
  if (rest === 0 || isTag || isCutFrame || /^(APETAGEX|LYRICSBE)/.test(name)) return;
  throw refused('The MP3 file is damaged: bytes that are no sound follow its frames.');
};
