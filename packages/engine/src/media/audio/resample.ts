/** Zero crossings of the sinc on each side, at the lower of the two rates. */
const zeroCrossings = 32;

/** Shape of the Kaiser window: stop band below -90 dB. */
const kaiserBeta = 9;

/** Share of the lower Nyquist frequency that passes; the rest is the transition to the stop band. */
const passBand = 0.94;

/**
 * Brings samples to another rate: band-limited interpolation with a windowed sinc (J. O. Smith, Digital Audio
 * Resampling). Gives ceil(samples * to / from) samples; silence is taken to stand before and behind the sound. It is
 * of our own because the library at hand (libsamplerate in WebAssembly) takes twice as long at medium quality, ten times
 * as long at its best, and gives lengths of its own, where the number of samples decides the number of tokens.
 */
export const resample = (samples: Float32Array, fromHz: number, toHz: number): Float32Array => {
  if (fromHz === toHz) return samples;
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const [step, phases] = [fromHz / divisor, toHz / divisor];
  const result = new Float32Array(resampledLength(samples.length, fromHz, toHz));
  const kernelOf = kernels(fromHz, toHz);
  for (let index = 0; index < result.length; index++) {
    // The place of this sample in the input, as whole samples and phases between them: exact at any length.
    const position = index * step;
    const whole = Math.floor(position / phases);
    const { first, taps } = kernelOf(position % phases, phases);
    const from = Math.max(0, -(whole + first));
    const to = Math.min(taps.length, samples.length - whole - first);
    let sum = 0;
    for (let tap = from; tap < to; tap++) {
      sum += (samples[whole + first + tap] ?? 0) * (taps[tap] ?? 0);
    }
    result[index] = sum;
  }
  return result;
};

/** Samples after resampling; the rule by which tokens are counted. */
export const resampledLength = (samples: number, fromHz: number, toHz: number): number =>
  Math.ceil((samples * toHz) / fromHz);

interface Kernel {
  /** Place of the first tap, from the whole sample. */
  readonly first: number;
  readonly taps: Float64Array;
}

/** Phases that are kept; between odd rates there may be as many as samples, which are then computed each time. */
const kernelsMax = 1024;

const kernels = (fromHz: number, toHz: number) => {
  const cutoff = Math.min(1, toHz / fromHz) * passBand;
  const radius = Math.ceil(zeroCrossings / cutoff);
  const kept = new Map<number, Kernel>();
  return (phase: number, phases: number): Kernel => {
    const known = kept.get(phase);
    if (known !== undefined) return known;
    const fraction = phase / phases;
    const taps = new Float64Array(2 * radius);
    const first = 1 - radius;
    for (let tap = 0; tap < taps.length; tap++) {
      const distance = first + tap - fraction;
      taps[tap] = cutoff * sinc(cutoff * distance) * kaiser(distance / radius);
    }
    const kernel = { first, taps };
    if (kept.size < kernelsMax) kept.set(phase, kernel);
    return kernel;
  };
};

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const kaiser = (x: number): number =>
  Math.abs(x) >= 1 ? 0 : bessel0(kaiserBeta * Math.sqrt(1 - x * x)) / bessel0(kaiserBeta);

/** Modified Bessel function of order 0, by its series. */
const bessel0 = (x: number): number => {
  let term = 1;
  let sum = 1;
  for (let index = 1; term > sum * 1e-12; index++) {
    term *= (x / (2 * index)) ** 2;
    sum += term;
  }
  return sum;
};

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
