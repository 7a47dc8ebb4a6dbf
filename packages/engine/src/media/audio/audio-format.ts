import { textAt } from '../byte-reader.ts';
import { refused } from '../refused.ts';

/** Sound files that can be read, with the media types by which clients may declare them. */
export const audioFormats = {
  wav: ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  flac: ['audio/flac', 'audio/x-flac'],
  ogg: ['audio/ogg', 'application/ogg', 'audio/opus', 'audio/vorbis'],
  mp3: ['audio/mp3', 'audio/mpeg'],
} as const;

export type AudioFormat = keyof typeof audioFormats;

const formatNames = Object.keys(audioFormats)
  .map((format) => format.toUpperCase())
  .join(', ');

/**
 * The format by a file's first bytes: no decoder but that of this format ever sees the file. Faults:
 * `invalid_argument` for anything else.
 */
export const audioFormatOf = (bytes: Uint8Array): AudioFormat => {
  if (bytes.byteLength === 0) throw refused('The sound has 0 bytes.');
  const head = textAt(bytes, 0, 12);
  if (head.startsWith('RIFF') && head.endsWith('WAVE')) return 'wav';
  if (head.startsWith('fLaC')) return 'flac';
  if (head.startsWith('OggS')) return 'ogg';
  // An ID3 tag, or the sync of a frame of MPEG layer III.
  if (head.startsWith('ID3') || /^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/.test(head)) return 'mp3';
  throw refused(`The file is not a sound that can be read; send one of ${formatNames}.`);
};
