export interface AudioLimits {
  readonly bytesMax: number;
  readonly secondsMax: number;
  /** Samples of one channel at the file's own rate. */
  readonly samplesMax: number;
  readonly channelsMax: number;
  /** Longest time that decoding a sound may take, in milliseconds. */
  readonly decodeMsMax: number;
}

/** 32 MiB and ten minutes; 30 million samples are 120 MB once decoded. */
export const defaultAudioLimits: AudioLimits = {
  bytesMax: 32 * 2 ** 20,
  secondsMax: 600,
  samplesMax: 30_000_000,
  channelsMax: 8,
  decodeMsMax: 10_000,
};

/** Rates of real recordings; anything else is a mistake or an attack on the arithmetic. */
export const sampleRatesHz = { min: 4000, max: 192_000 } as const;
