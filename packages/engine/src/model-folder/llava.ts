import { Fault } from '@isotherm/kernel';
import type { Architecture, ModelConfigs } from './architecture.ts';
import { isRecord, type JsonRecord, numberIn, requiredCount, stringIn } from './json-file.ts';

/**
 * LLaVA: one embedding per picture, always of the same length, in place of its placeholder. The length is
 * `image_seq_length` of config.json, else it follows from the processed picture's size and the patch size
 * (`patch_size`, `num_additional_image_tokens` and `vision_feature_select_strategy` of processor_config.json).
 */
export const llava: Architecture = {
  modelTypes: ['llava'],
  kind: 'decoder-only',
  visionLayout: 'images',
  imageRule: (configs) => {
    const tokens = imageTokens(configs);
    return (_, placeholder) => ({ text: placeholder.repeat(tokens), tokens });
  },
};

const imageTokens = (configs: ModelConfigs): number => {
  const stated = numberIn(configs.config, 'image_seq_length');
  if (stated !== undefined) return requiredCount(stated, 'image_seq_length');
  const patch = requiredCount(
    numberIn(configs.processor, 'patch_size'),
    'image_seq_length (config.json) or patch_size (processor_config.json)',
  );
  const { heightPx, widthPx } = processedSize(configs.preprocessor);
  const additional = numberIn(configs.processor, 'num_additional_image_tokens') ?? 0;
  const dropped =
    stringIn(configs.processor, 'vision_feature_select_strategy') === 'default' && additional > 0
      ? 1
      : 0;
  return Math.floor(heightPx / patch) * Math.floor(widthPx / patch) + additional - dropped;
};

/** Size of every picture after the model's image processor. */
const processedSize = (preprocessor: JsonRecord): { heightPx: number; widthPx: number } => {
  const key = preprocessor['do_center_crop'] === true ? 'crop_size' : 'size';
  const size = preprocessor[key];
  if (typeof size === 'number') return { heightPx: size, widthPx: size };
  const height = isRecord(size) ? numberIn(size, 'height') : undefined;
  const width = isRecord(size) ? numberIn(size, 'width') : undefined;
  if (height === undefined || width === undefined) {
    throw new Fault(
      'unsupported',
      `preprocessor_config.json must fix the picture's size (${key}.height and ${key}.width) for a llava model.`,
    );
  }
  return { heightPx: height, widthPx: width };
};
