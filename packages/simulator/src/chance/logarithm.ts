/**
 * Natural logarithm and exponential by additions, multiplications and divisions alone, which IEEE 754 rounds alike everywhere.
 * `Math.log` and `Math.exp` may differ between engines in the last digit, and one digit is another run.
 * Both are within 2e-15 of the true value, relative to it or to 1.
 */
export const logarithm = (value: number): number => {
  if (!(value > 0)) return value === 0 ? -Infinity : Number.NaN;
  if (value === Infinity) return Infinity;
  view.setFloat64(0, value);
  let high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  if (exponent === -1023) {
    // Subnormal: scaled up by 2^54, exactly.
    view.setFloat64(0, value * 18_014_398_509_481_984);
    high = view.getUint32(0);
    exponent = (high >>> 20) - 1023 - 54;
  }
  view.setUint32(0, (high & 0xf_ffff) | 0x3ff0_0000);
  let mantissa = view.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // log m = 2 artanh((m − 1)/(m + 1)), |argument| ≤ 0.172: eleven terms of the series are enough.
  const t = (mantissa - 1) / (mantissa + 1);
  const s = t * t;
  let sum = 1 / 21;
  for (let odd = 19; odd >= 1; odd -= 2) sum = sum * s + 1 / odd;
  return exponent * ln2High + (2 * t * sum + exponent * ln2Low);
};

export const exponential = (value: number): number => {
  if (Number.isNaN(value)) return Number.NaN;
  if (value > 709.78) return Infinity;
  if (value < -708.39) return 0;
  const power = Math.round(value / Math.LN2);
  const rest = value - power * ln2High - power * ln2Low;
  let sum = 1;
  for (let term = 16; term >= 1; term -= 1) sum = 1 + (sum * rest) / term;
  // In two steps: 2^1024 alone would be too much.
  const half = power >> 1;
  return sum * powerOfTwo(half) * powerOfTwo(power - half);
};

/** base^exponent of a base above 0. */
export const power = (base: number, exponent: number): number =>
  exponential(exponent * logarithm(base));

const view = new DataView(new ArrayBuffer(8));
/** ln 2 in two parts, the first with so few digits that its multiples are exact. */
const ln2High = 0.69314718036912381649;
const ln2Low = 1.90821492927058770002e-10;

const powerOfTwo = (exponent: number): number => {
  view.setUint32(0, (exponent + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
};
