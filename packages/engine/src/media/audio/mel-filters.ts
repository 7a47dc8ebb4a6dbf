/** A triangular filter over neighbouring frequency bins. */
export interface MelFilter {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

/** The mel scale of Slaney's Auditory Toolbox: linear up to 1 kHz, logarithmic above. */
const melOf = (hz: number): number =>
  hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) * (27 / Math.log(6.4));
const hzOf = (mel: number): number =>
  mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp((mel - 15) * (Math.log(6.4) / 27));

/**
 * Triangles evenly spaced on the mel scale from 0 Hz to half the sample rate, each of area one (Slaney's
 * normalisation): the filters of Whisper's feature extractor.
 */
export const melFilters = (
  count: number,
  fourierSize: number,
  sampleRateHz: number,
): readonly MelFilter[] => {
  const bins = fourierSize / 2 + 1;
  const melMax = melOf(sampleRateHz / 2);
  const edges = Array.from({ length: count + 2 }, (_, k) => hzOf((melMax * k) / (count + 1)));
  return Array.from({ length: count }, (_, index) => {
    const [low = 0, middle = 0, high = 0] = edges.slice(index, index + 3);
    const weightOf = (bin: number): number => {
      const hz = (bin * sampleRateHz) / fourierSize;
      const triangle = Math.min((hz - low) / (middle - low), (high - hz) / (high - middle));
      return Math.max(0, triangle) * (2 / (high - low));
    };
    const weights = Array.from({ length: bins }, (_, bin) => weightOf(bin));
    const firstBin = Math.max(
      0,
      weights.findIndex((weight) => weight > 0),
    );
    const lastBin = weights.findLastIndex((weight) => weight > 0);
    return { firstBin, weights: Float64Array.from(weights.slice(firstBin, lastBin + 1)) };
  });
};
