import { resolve } from 'node:path';
import { AutoImageProcessor, env, RawImage } from '@huggingface/transformers';
import { Fault } from '@isotherm/kernel';
import type { RgbImage } from './rgb-image.ts';
import { plainProcessor } from './plain-processor.ts';
import type { PixelValues } from './pixel-values.ts';

export type ImageProcessor = (image: RgbImage) => Promise<PixelValues>;

/**
 * The model's own image processor, by its preprocessor_config.json. The library covers the processors of all published
 * exports, so that resizing and splitting are those that the model was exported with. It is heavy to load: worker
 * threads only.
 */
export const loadImageProcessor = async (modelDir: string): Promise<ImageProcessor> => {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  let processor: (images: RawImage[]) => Promise<unknown>;
  try {
    const loaded: unknown = await AutoImageProcessor.from_pretrained(resolve(modelDir), {
      local_files_only: true,
    });
    processor = loaded as typeof processor;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(
      'unsupported',
      `preprocessor_config.json names no usable image processor: ${reason}`,
      {
        cause,
      },
    );
  }
  const plain = plainProcessor(processor);
  return async (image) => {
    const raw = new RawImage(image.data, image.widthPx, image.heightPx, 3);
    return plain === undefined ? pixelValuesOf(await processor([raw])) : plain(raw);
  };
};

const pixelValuesOf = (result: unknown): PixelValues => {
  const tensor =
    typeof result === 'object' && result !== null && 'pixel_values' in result
      ? (result.pixel_values as { readonly dims: readonly number[]; readonly data: unknown })
      : undefined;
  if (tensor === undefined || !(tensor.data instanceof Float32Array)) {
    throw new Fault(
      'unsupported',
      'The image processor of the model gives no float32 pixel_values.',
    );
  }
  // Splitting processors add a dimension for the pictures of a batch, which is one here.
  const shape = tensor.dims.length === 5 ? tensor.dims.slice(1) : tensor.dims;
  return { shape: [...shape], data: tensor.data };
};
