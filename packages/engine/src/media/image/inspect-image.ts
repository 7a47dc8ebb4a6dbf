import sharp from 'sharp';
import { defaultImageLimits, type ImageLimits } from './image-limits.ts';
import { recognise } from '../recognise.ts';
import { elseRefused, refused } from '../refused.ts';
import { type ImageFormat, imageFormatOf, isAnimatedPng } from './image-format.ts';

export interface ImageHeader {
  /** As shown: after the EXIF rotation. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: ImageFormat;
}

/**
 * Reads an image's header: size and format, no pixels. Faults: `invalid_argument` for a file that is no readable
 * image, is empty, SVG, animated or too large. A damaged body shows only when the pixels are decoded.
 */
export const inspectImage = async (
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
): Promise<ImageHeader> => {
  const format = recognise('image', bytes, imageFormatOf, limits.bytesMax);
  const metadata = await elseRefused(
    `The ${format.toUpperCase()} image is damaged: its header cannot be read.`,
    // Sizes are judged below, with a message of our own.
    () => sharp(bytes, { limitInputPixels: false }).metadata(),
  );
  const animated = (metadata.pages ?? 1) > 1 || (format === 'png' && isAnimatedPng(bytes));
  if (animated) throw refused('The image is animated or has several pages; send a single picture.');
  const { width: widthPx, height: heightPx } = metadata.autoOrient;
  if (widthPx * heightPx > limits.pixelsMax) {
    throw refused(
      `The image has ${widthPx} × ${heightPx} pixels; at most ${limits.pixelsMax} in all are accepted.`,
    );
  }
  return { widthPx, heightPx, format };
};
