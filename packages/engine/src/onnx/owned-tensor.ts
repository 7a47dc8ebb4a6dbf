import type { Tensor } from '../contract.ts';

/**
 * A copy of a tensor whose buffer belongs to it alone, so that it can move to another thread: the caller keeps its
 * own, and a small view never drags the large buffer it looks at along.
 */
export const ownedTensor = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.slice() });

/** The tensor itself, where its caller has given it away and it is all of its buffer; else a copy. */
export const givenTensor = (tensor: Tensor): Tensor =>
  tensor.data.byteLength === tensor.data.buffer.byteLength ? tensor : ownedTensor(tensor);

export const bufferOf = (tensor: Tensor): ArrayBuffer => tensor.data.buffer as ArrayBuffer;
