import type { Medium } from '../contract.ts';
import { Fault } from '@isotherm/kernel';
import { decodeImage } from './image/decode-image.ts';
import { loadImageProcessor } from './image/image-processor.ts';
import type { PixelValues } from './image/pixel-values.ts';
import type { MediaLimits } from './media-limits.ts';

/** A medium's file to what the graph of its modality takes. Heavy: worker threads only. */
export type PrepareMedium = (medium: Medium) => Promise<PixelValues>;

/** Pictures by the model's own image processor: [tiles, channels, height, width]. */
export const imagePreparer = async (
  modelDir: string,
  limits: MediaLimits,
): Promise<PrepareMedium> => {
  const processor = await loadImageProcessor(modelDir);
  return async (medium) => {
    if (medium.kind !== 'file') throw new Fault('internal', 'An image is one file.');
    return processor(await decodeImage(medium.bytes, limits.image));
  };
};
