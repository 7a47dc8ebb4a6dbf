import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import { OpusDecoder } from 'opus-decoder';
import { elseRefused, refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';
import { type AudioLimits, defaultAudioLimits } from './audio-limits.ts';
import { inspectAudio } from './inspect-audio.ts';
import { createMonoSink, type MonoSink } from './mono-sink.ts';
import { parseMp3 } from './mp3.ts';
import { oggPackets, oggPages, type OggFile, parseOgg } from './ogg.ts';
import { parseWav, readWav } from './wav.ts';

/** A sound as samples of one channel, as many as its header says. */
export interface MonoSound {
  readonly sampleRateHz: number;
  readonly samples: Float32Array;
}

/**
 * Decodes a sound file and mixes its channels to their mean. Files are fed to the decoders in small pieces, so that
 * what a piece can grow to is bounded, and decoding ends as soon as there is more than the header says. Heavy: worker
 * threads only. Faults: `invalid_argument` as `inspectAudio`, for damaged sound, for more or less sound than the header
 * says, and for samples that are no numbers.
 */
export const decodeAudio = async (
  bytes: Uint8Array,
  limits: AudioLimits = defaultAudioLimits,
): Promise<MonoSound> => {
  const header = inspectAudio(bytes, limits);
  const { sampleRateHz } = header;
  if (header.format === 'wav') {
    const samples = readWav(bytes, parseWav(bytes), 0, header.samples);
    return { sampleRateHz, samples: checkedNumbers(samples) };
  }
  const sink = createMonoSink(header);
  await elseRefused(
    `The ${header.format.toUpperCase()} file is damaged: it cannot be decoded.`,
    () => decodeInto(sink, bytes, header, limits),
  );
  return { sampleRateHz, samples: checkedNumbers(sink.end()) };
};

const checkedNumbers = (samples: Float32Array): Float32Array => {
  for (let index = 0; index < samples.length; index++) {
    if (!Number.isFinite(samples[index])) {
      throw refused(
        `Sample ${index} of the sound is ${samples[index]}, which is no number to hear.`,
      );
    }
  }
  return samples;
};

const decodeInto = async (
  sink: MonoSink,
  bytes: Uint8Array,
  { format, samples }: AudioHeader,
  { samplesMax }: AudioLimits,
): Promise<void> => {
  switch (format) {
    case 'wav':
      return;
    case 'flac':
      return decodeFlac(sink, bytes);
    case 'mp3':
      return decodeMp3(sink, bytes, Math.max(samples, samplesMax));
    case 'ogg': {
      const ogg = parseOgg(bytes);
      return ogg.codec === 'opus' ? decodeOpus(sink, bytes, ogg) : decodeVorbis(sink, bytes);
    }
    default:
      return format satisfies never;
  }
};

/** A frame of constant samples takes 14 bytes for 65,535 of them: a piece may grow to 20 MB a channel. */
const flacPieceBytes = 1024;

const decodeFlac = async (sink: MonoSink, bytes: Uint8Array): Promise<void> => {
  const decoder = new FLACDecoder();
  await decoder.ready;
  try {
    for (let at = 0; at < bytes.byteLength; at += flacPieceBytes) {
      sink.take(await decoder.decode(bytes.subarray(at, at + flacPieceBytes)));
    }
    sink.take(await decoder.flush());
  } finally {
    decoder.free();
  }
};

/** Frames of at most 1,152 samples. */
const mp3PieceFrames = 32;

const decodeMp3 = async (sink: MonoSink, bytes: Uint8Array, samplesMax: number): Promise<void> => {
  const { frameStarts } = parseMp3(bytes, samplesMax);
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    for (let frame = 0; frame + 1 < frameStarts.length; frame += mp3PieceFrames) {
      const last = Math.min(frame + mp3PieceFrames, frameStarts.length - 1);
      sink.take(decoder.decode(bytes.subarray(frameStarts[frame], frameStarts[last])));
    }
  } finally {
    decoder.free();
  }
};

/** A page holds at most 255 packets, each of at most 4,096 samples. */
const decodeVorbis = async (sink: MonoSink, bytes: Uint8Array): Promise<void> => {
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  try {
    for (const page of oggPages(bytes)) {
      sink.take(await decoder.decode(bytes.subarray(page.start, page.end)));
    }
    sink.take(await decoder.flush());
  } finally {
    decoder.free();
  }
};

/** The first two packets of Opus are its headers (RFC 7845); every other one is at most 120 ms. */
const decodeOpus = async (sink: MonoSink, bytes: Uint8Array, ogg: OggFile): Promise<void> => {
  const decoder = new OpusDecoder({ channels: ogg.channels, preSkip: ogg.preSkip });
  await decoder.ready;
  try {
    let index = 0;
    for (const packet of oggPackets(bytes)) {
      if (index++ >= 2) sink.take(decoder.decodeFrame(packet));
    }
  } finally {
    decoder.free();
  }
};
