/** A picture as the vision graph takes it. */
export interface PixelValues {
  /** [1, channels, height, width], or [tiles, channels, height, width] for a model that splits pictures. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
