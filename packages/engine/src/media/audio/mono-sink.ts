import { refused } from '../refused.ts';
import type { AudioHeader } from './audio-header.ts';

/** What the decoders give for a piece of a file. */
export interface DecodedPiece {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

/** Takes decoded pieces, mixes them, and holds them to what the header said. */
export interface MonoSink {
  take(piece: DecodedPiece): void;
  /** All samples, exactly as many as the header says. */
  end(): Float32Array;
}

/**
 * How far a decoder may differ from the header, in seconds: the delay of a codec's filters and its last, half-filled
 * frame. Less is filled with silence, more is cut off.
 */
const toleranceSeconds = 0.1;

export const createMonoSink = (header: AudioHeader): MonoSink => {
  const { samples, sampleRateHz, channels, format } = header;
  const name = format.toUpperCase();
  const tolerance = toleranceSeconds * sampleRateHz;
  const mono = new Float32Array(samples);
  let taken = 0;
  return {
    take: (piece) => {
      const [error] = piece.errors;
      if (error !== undefined) {
        throw refused(`The ${name} file is damaged near ${(taken / sampleRateHz).toFixed(2)} s.`);
      }
      if (piece.samplesDecoded === 0) return;
      if (piece.sampleRate !== sampleRateHz || piece.channelData.length < Math.min(channels, 2)) {
        throw refused(`The ${name} file is damaged: its sound is not of the kind that it says.`);
      }
      taken += piece.samplesDecoded;
      if (taken > samples + tolerance) {
        throw refused(`The ${name} file holds more than the ${samples} samples that it says.`);
      }
      mixInto(mono, taken - piece.samplesDecoded, piece);
    },
    end: () => {
      if (taken < samples - tolerance) {
        throw refused(
          `The ${name} file is truncated: it says ${samples} samples and holds ${taken}.`,
        );
      }
      return mono;
    },
  };
};

const mixInto = (mono: Float32Array, from: number, piece: DecodedPiece): void => {
  const { channelData, samplesDecoded } = piece;
  const count = Math.min(samplesDecoded, mono.length - from);
  for (let index = 0; index < count; index++) {
    let sum = 0;
    for (const channel of channelData) sum += channel[index] ?? 0;
    mono[from + index] = sum / channelData.length;
  }
};
