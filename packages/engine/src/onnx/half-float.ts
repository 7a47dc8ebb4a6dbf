/**
 * IEEE 754 binary16 as 16-bit words, the form in which onnxruntime-node hands out float16 tensors. Node has no
 * Float16Array yet.
 */
export const halfToFloat = (halves: Uint16Array): Float32Array => {
  const floats = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index] ?? 0;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) floats[index] = sign * fraction * 2 ** -24;
    else if (exponent === 0x1f) floats[index] = fraction === 0 ? sign * Infinity : Number.NaN;
    else floats[index] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return floats;
};

/** Rounds to the nearest half, ties to even; too large values become infinite. */
export const floatToHalf = (floats: Float32Array): Uint16Array => {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? 0;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    halves[index] = sign | magnitudeToHalf(magnitude);
  }
  return halves;
};

const magnitudeToHalf = (word: number): number => {
  if (word > 0x7f800000) return 0x7e00;
  // 65520 and more round to infinity.
  if (word >= 0x477ff000) return 0x7c00;
  if (word >= 0x38800000) {
    const rounded = word + 0xfff + ((word >>> 13) & 1);
    return (rounded - 0x38000000) >>> 13;
  }
  // Below 2^-24 / 2 nothing is left; else a subnormal, which the addition of a suitable power of two rounds.
  if (word <= 0x33000000) return 0;
  const exponent = word >>> 23;
  const fraction = (word & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const half = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0);
};
