/** A transform of complex numbers, given and returned as separate real and imaginary parts. */
export interface Fourier {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  /** Transforms `real` and `imaginary` into `outReal` and `outImaginary`. */
  transform(): void;
  readonly outReal: Float64Array;
  readonly outImaginary: Float64Array;
}

/**
 * Plans a discrete Fourier transform of any size by decimation in time over its prime factors (Cooley and Tukey 1965):
 * log-mel windows have 400 samples, which is no power of two. Buffers are reused, so a plan serves one caller at a time.
 */
export const planFourier = (size: number): Fourier => {
  const factors = primeFactors(size);
  const cosines = Float64Array.from({ length: size }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sines = Float64Array.from({ length: size }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
  const [real, imaginary, outReal, outImaginary] = [0, 1, 2, 3].map(
    () => new Float64Array(size),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const gatheredReal = new Float64Array(Math.max(...factors, 1));
  const gatheredImaginary = new Float64Array(gatheredReal.length);

  /** Transforms `length` inputs that stand `stride` apart from `from` on, to the outputs from `to` on. */
  const step = (from: number, stride: number, to: number, length: number, depth: number): void => {
    const factor = factors[depth];
    if (factor === undefined) {
      outReal[to] = real[from] ?? 0;
      outImaginary[to] = imaginary[from] ?? 0;
      return;
    }
    const part = length / factor;
    for (let q = 0; q < factor; q++) {
      step(from + q * stride, stride * factor, to + q * part, part, depth + 1);
    }
    for (let k = 0; k < part; k++) combine(to + k, part, factor, k * stride, part * stride);
  };

  /** Puts one output of each of the `factor` parts together; `turn` and `spread` are angles in steps of 1 / size. */
  const combine = (
    to: number,
    part: number,
    factor: number,
    turn: number,
    spread: number,
  ): void => {
    for (let q = 0; q < factor; q++) {
      const [re, im] = [outReal[to + q * part] ?? 0, outImaginary[to + q * part] ?? 0];
      const [cos, sin] = [cosines[q * turn] ?? 0, sines[q * turn] ?? 0];
      gatheredReal[q] = re * cos - im * sin;
      gatheredImaginary[q] = re * sin + im * cos;
    }
    for (let r = 0; r < factor; r++) {
      let sumReal = 0;
      let sumImaginary = 0;
      for (let q = 0; q < factor; q++) {
        const angle = ((q * r) % factor) * spread;
        const [re, im] = [gatheredReal[q] ?? 0, gatheredImaginary[q] ?? 0];
        const [cos, sin] = [cosines[angle] ?? 0, sines[angle] ?? 0];
        sumReal += re * cos - im * sin;
        sumImaginary += re * sin + im * cos;
      }
      outReal[to + r * part] = sumReal;
      outImaginary[to + r * part] = sumImaginary;
    }
  };

  const transform = (): void => step(0, 1, 0, size, 0);
  return { real, imaginary, transform, outReal, outImaginary };
};

const primeFactors = (size: number): readonly number[] => {
  const factors: number[] = [];
  let rest = size;
  for (let factor = 2; rest > 1; factor++) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return factors;
};
