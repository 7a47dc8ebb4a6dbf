import { viewOf } from '../byte-reader.ts';
import { refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';

/**
 * Reads the STREAMINFO block of a FLAC file (RFC 9639, section 8.2), which always comes first. A stream that does not
 * say its length is refused: its prompt could not be counted without decoding it.
 */
export const parseFlac = (bytes: Uint8Array): AudioHeader => {
  const view = viewOf(bytes);
  const isStreamInfo = bytes.byteLength >= 42 && (view.getUint8(4) & 0x7f) === 0;
  if (!isStreamInfo) throw refused('The FLAC file is damaged: it does not begin with STREAMINFO.');
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples.
  const packed = view.getBigUint64(18);
  const samples = Number(packed & 0xf_ffff_ffffn);
  if (samples === 0)
    throw refused('The FLAC file does not say how long it is; write it to a file anew.');
  return {
    format: 'flac',
    sampleRateHz: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 0x7n) + 1,
    samples,
  };
};
