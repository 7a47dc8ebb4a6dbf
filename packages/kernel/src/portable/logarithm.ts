/**
 * Natural logarithm by additions, multiplications and divisions alone, which IEEE 754 rounds alike everywhere. `Math.log` may
 * differ between engines in the last digit, and one digit is another run of a simulation. Within 2e-15 of the true value,
 * relative to it or to 1.
 */
export const logarithm = (value: number): number => {
  if (!(value > 0)) return value === 0 ? -Infinity : Number.NaN;
  if (value === Infinity) return Infinity;
  // Most ratios that power depends on are 1: one GPU, one prompt, the model it was fitted to.
  if (value === 1) return 0;
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
  const tail = c11 + s * (c13 + s * (c15 + s * (c17 + s * (c19 + s * c21))));
  const sum = 1 + s * (c3 + s * (c5 + s * (c7 + s * (c9 + s * tail))));
  return exponent * ln2High + (2 * t * sum + exponent * ln2Low);
};

/** 1 ÷ n, rounded once each. */
const [c3, c5, c7, c9, c11] = [1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11];
const [c13, c15, c17, c19, c21] = [1 / 13, 1 / 15, 1 / 17, 1 / 19, 1 / 21];

const view = new DataView(new ArrayBuffer(8));
/** ln 2 in two parts, the first with so few digits that its multiples are exact. */
export const ln2High = 0.69314718036912381649;
export const ln2Low = 1.90821492927058770002e-10;
