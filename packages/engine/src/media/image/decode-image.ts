import sharp, { type Sharp } from 'sharp';
import { elseRefused } from '../refused.ts';
import { defaultImageLimits, type ImageLimits } from './image-limits.ts';
import { decodeSmallPng } from './decode-small-png.ts';
import { inspectImage } from './inspect-image.ts';
import type { RgbImage } from './rgb-image.ts';

/**
 * Decodes an image to sRGB: EXIF rotation applied, CMYK and grey converted, 16 bits reduced to 8, transparency laid on
 * white (as most pages that show such pictures are). Faults: `invalid_argument` as `inspectImage`, and for a
 * truncated or damaged body.
 */
export const decodeImage = async (
  bytes: Uint8Array,
  limits: ImageLimits = defaultImageLimits,
): Promise<RgbImage> => {
  const { format } = await inspectImage(bytes, limits);
  const small = format === 'png' ? decodeSmallPng(bytes) : undefined;
  if (small !== undefined) return small;
  return elseRefused(
    `The ${format.toUpperCase()} image is damaged or truncated: its pixels cannot be decoded.`,
    () => {
      const options = { limitInputPixels: limits.pixelsMax, failOn: 'truncated' } as const;
      return rgbOf(sharp(bytes, options).autoOrient());
    },
  );
};

/** The pixels of a pipeline, as `decodeImage` gives them. */
export const rgbOf = async (pipeline: Sharp): Promise<RgbImage> => {
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, data: toRgb(data, info.channels) };
};

/** Grey images keep one channel through the pipeline; the models want three. */
const toRgb = (data: Uint8Array, channels: number): Uint8ClampedArray => {
  if (channels === 3) return new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength);
  const rgb = new Uint8ClampedArray((data.byteLength / channels) * 3);
  for (let pixel = 0; pixel * 3 < rgb.length; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = data[pixel * channels + (channels < 3 ? 0 : channel)] ?? 0;
    }
  }
  return rgb;
};
