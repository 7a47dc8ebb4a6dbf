import type { AudioFormat } from './audio-format.ts';

/** What a sound file says of itself; `samples` is the rule for how long the sound is. */
export interface AudioHeader {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Samples of one channel. */
  readonly samples: number;
}
