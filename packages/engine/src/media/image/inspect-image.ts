import sharp from 'sharp';
import { defaultImageLimits, type ImageLimits } from './image-limits.ts';
import { recognise } from '../recognise.ts';
import { elseRefused, refused } from '../refused.ts';
import { type ImageFormat, imageFormatOf, isAnimatedPng } from './image-format.ts';
import { pngChunksOf } from './png-chunks.ts';

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
  const { widthPx, heightPx, pages } = plainPngSize(format, bytes) ?? (await sizeOf(format, bytes));
  const animated = pages > 1 || (format === 'png' && isAnimatedPng(bytes));
  if (animated) throw refused('The image is animated or has several pages; send a single picture.');
  if (widthPx * heightPx > limits.pixelsMax) {
    throw refused(
      `The image has ${widthPx} × ${heightPx} pixels; at most ${limits.pixelsMax} in all are accepted.`,
    );
  }
  return { widthPx, heightPx, format };
};

interface ImageSize {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pages: number;
}

/** The size of a whole PNG by its first chunk, where no EXIF data may turn it: asking the library takes half a millisecond. */
const plainPngSize = (format: ImageFormat, bytes: Uint8Array): ImageSize | undefined => {
  const png = format === 'png' ? pngChunksOf(bytes) : undefined;
  if (png === undefined || png.chunks.some(({ type }) => type === 'eXIf')) return undefined;
  return { widthPx: png.widthPx, heightPx: png.heightPx, pages: 1 };
};

const sizeOf = async (format: ImageFormat, bytes: Uint8Array): Promise<ImageSize> => {
  const metadata = await elseRefused(
    `The ${format.toUpperCase()} image is damaged: its header cannot be read.`,
    // Sizes are judged by the caller, with a message of our own.
    () => sharp(bytes, { limitInputPixels: false }).metadata(),
  );
  const { width: widthPx, height: heightPx } = metadata.autoOrient;
  return { widthPx, heightPx, pages: metadata.pages ?? 1 };
};
