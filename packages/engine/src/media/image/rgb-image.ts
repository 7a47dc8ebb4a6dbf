/** Pixels as rows of red, green, blue bytes (sRGB). */
export interface RgbImage {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8ClampedArray;
}
