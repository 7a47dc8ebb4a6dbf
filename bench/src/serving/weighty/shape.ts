/**
 * The weighty model: about SmolVLM-256M (93 M parameters of vision, 135 M of decoder, 64 tokens a picture) in the LLaVA
 * layout. One thing is smaller: a tile has 256 pixels a side and not 512, so a picture costs a fifth of SmolVLM's on a
 * machine where that would be three seconds. It also makes encoding a smaller part of a request than it is there.
 */
export interface WeightyShape {
  readonly vision: {
    readonly imagePx: number;
    readonly patchPx: number;
    readonly hidden: number;
    readonly heads: number;
    readonly layers: number;
    readonly feedForward: number;
    /** Patches a side that become one token. */
    readonly shuffle: number;
  };
  readonly decoder: {
    readonly hidden: number;
    readonly heads: number;
    readonly kvHeads: number;
    readonly headSize: number;
    readonly layers: number;
    readonly feedForward: number;
    readonly vocabulary: number;
    readonly contextMax: number;
    readonly ropeTheta: number;
  };
}

export const weightyShape: WeightyShape = {
  vision: {
    imagePx: 256,
    patchPx: 16,
    hidden: 768,
    heads: 12,
    layers: 12,
    feedForward: 3072,
    shuffle: 2,
  },
  decoder: {
    hidden: 576,
    heads: 9,
    kvHeads: 3,
    headSize: 64,
    layers: 30,
    feedForward: 1536,
    vocabulary: 49_280,
    contextMax: 2048,
    ropeTheta: 100_000,
  },
};

/** Small enough for a test; the same in every other way. */
export const tinyShape: WeightyShape = {
  vision: {
    imagePx: 32,
    patchPx: 8,
    hidden: 24,
    heads: 2,
    layers: 1,
    feedForward: 48,
    shuffle: 2,
  },
  decoder: {
    hidden: 32,
    heads: 2,
    kvHeads: 1,
    // GroupQueryAttention wants a multiple of 16.
    headSize: 16,
    layers: 2,
    feedForward: 64,
    vocabulary: 704,
    contextMax: 2048,
    ropeTheta: 10_000,
  },
};

export const imageTokens = ({ vision }: WeightyShape): number =>
  (vision.imagePx / vision.patchPx / vision.shuffle) ** 2;
