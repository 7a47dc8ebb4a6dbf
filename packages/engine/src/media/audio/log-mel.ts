import { planFourier } from './fourier.ts';
import { melFilters } from './mel-filters.ts';

/** The keys of a Whisper feature extractor that decide how a window of sound becomes numbers. */
export interface LogMelOptions {
  readonly melBins: number;
  readonly sampleRateHz: number;
  readonly fourierSize: number;
  readonly hopSamples: number;
  /** Samples of a window; a multiple of `hopSamples`. */
  readonly windowSamples: number;
}

/** A window of samples, filled up with silence, to its log-mel spectrogram [melBins, windowSamples / hopSamples]. */
export type LogMel = (samples: Float32Array) => Float32Array;

/**
 * The log-mel spectrogram of Whisper's feature extractor (arXiv 2212.04356, section 2.2): power spectrum under a
 * periodic Hann window, frames centred by reflection at both ends, the last frame dropped; log10 of the mel bands, no
 * more than 8 below the window's loudest, then (x + 4) / 4.
 */
export const planLogMel = (options: LogMelOptions): LogMel => {
  const { melBins, sampleRateHz, fourierSize, hopSamples, windowSamples } = options;
  const frames = windowSamples / hopSamples;
  const half = fourierSize / 2;
  const fourier = planFourier(fourierSize);
  const filters = melFilters(melBins, fourierSize, sampleRateHz);
  const hann = Float64Array.from(
    { length: fourierSize },
    (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / fourierSize),
  );
  const power = [new Float64Array(half + 1), new Float64Array(half + 1)] as const;

  return (samples) => {
    const padded = reflected(samples, windowSamples, half);
    const logs = new Float64Array(melBins * frames);
    let loudest = Number.NEGATIVE_INFINITY;
    // Two frames of real samples share one complex transform.
    for (let frame = 0; frame < frames; frame += 2) {
      for (let k = 0; k < fourierSize; k++) {
        const weight = hann[k] ?? 0;
        fourier.real[k] = (padded[frame * hopSamples + k] ?? 0) * weight;
        fourier.imaginary[k] =
          frame + 1 < frames ? (padded[(frame + 1) * hopSamples + k] ?? 0) * weight : 0;
      }
      fourier.transform();
      powerOfBoth(fourier.outReal, fourier.outImaginary, power);
      for (const side of [0, 1] as const) {
        if (frame + side >= frames) continue;
        filters.forEach(({ firstBin, weights }, mel) => {
          let sum = 0;
          for (let k = 0; k < weights.length; k++) {
            sum += (weights[k] ?? 0) * (power[side][firstBin + k] ?? 0);
          }
          const log = Math.log10(Math.max(sum, 1e-10));
          logs[mel * frames + frame + side] = log;
          loudest = Math.max(loudest, log);
        });
      }
    }
    return Float32Array.from(logs, (log) => (Math.max(log, loudest - 8) + 4) / 4);
  };
};

/** Spectra of two real signals that went through as real and imaginary part: their even and odd halves. */
const powerOfBoth = (
  real: Float64Array,
  imaginary: Float64Array,
  [first, second]: readonly [Float64Array, Float64Array],
): void => {
  for (let k = 0; k < first.length; k++) {
    const mirror = k === 0 ? 0 : real.length - k;
    const [a, b] = [real[k] ?? 0, imaginary[k] ?? 0];
    const [c, d] = [real[mirror] ?? 0, imaginary[mirror] ?? 0];
    first[k] = ((a + c) ** 2 + (b - d) ** 2) / 4;
    second[k] = ((b + d) ** 2 + (c - a) ** 2) / 4;
  }
};

/** The samples, then silence, with `half` samples mirrored at each end (the end samples stand once). */
const reflected = (samples: Float32Array, length: number, half: number): Float64Array => {
  const padded = new Float64Array(length + 2 * half);
  padded.set(samples.subarray(0, length), half);
  for (let k = 1; k <= half; k++) {
    padded[half - k] = padded[half + k] ?? 0;
    padded[half + length - 1 + k] = padded[half + length - 1 - k] ?? 0;
  }
  return padded;
};
