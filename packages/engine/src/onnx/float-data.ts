/** Numbers of a float tensor; float16 as 16-bit words. */
export type FloatData = Float32Array | Uint16Array;
export type FloatType = 'float32' | 'float16';

export const emptyFloats = (type: FloatType, length: number): FloatData =>
  type === 'float32' ? new Float32Array(length) : new Uint16Array(length);
