import { Fault } from '@isotherm/kernel';
import type { Tensor } from '../contract.ts';
import { floatToHalf, halfToFloat } from './half-float.ts';

/** Numbers of a float tensor; float16 as 16-bit words. */
export type FloatData = Float32Array | Uint16Array;
export type FloatType = 'float32' | 'float16';

export const emptyFloats = (type: FloatType, length: number): FloatData =>
  type === 'float32' ? new Float32Array(length) : new Uint16Array(length);

/** The floats of a tensor from elsewhere. Faults: `invalid_argument` when it holds something else. */
export const floatsOf = (tensor: Tensor): FloatData => {
  const { dataType } = tensor;
  if (dataType === 'float32' || dataType === 'float16') return tensor.data as FloatData;
  throw new Fault('invalid_argument', `Tensor ${tensor.name} is ${tensor.dataType}, not float.`);
};

/** Floats in the width that a graph takes. */
export const asFloatType = (data: FloatData, type: FloatType): FloatData => {
  if (type === 'float32') return data instanceof Float32Array ? data : halfToFloat(data);
  return data instanceof Float32Array ? floatToHalf(data) : data;
};
