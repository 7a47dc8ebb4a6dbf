export interface ImageLimits {
  readonly bytesMax: number;
  /** Width times height after decoding. */
  readonly pixelsMax: number;
}

/** 32 MiB and 40 megapixels: 120 MB once decoded. */
export const defaultImageLimits: ImageLimits = { bytesMax: 32 * 2 ** 20, pixelsMax: 40_000_000 };
