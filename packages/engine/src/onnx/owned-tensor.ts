import type { Tensor } from '../contract.ts';

/**
 * A copy of a tensor whose buffer belongs to it alone, so that it can move to another thread: the caller keeps its
 * own, and a small view never drags the large buffer it looks at along.
 */
export const ownedTensor = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.slice() });

export const bufferOf = (tensor: Tensor): ArrayBuffer => tensor.data.buffer as ArrayBuffer;
