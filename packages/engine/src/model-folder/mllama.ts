import { Fault } from '@isotherm/kernel';
import type { Architecture, ModelConfigs } from './architecture.ts';
import { numberIn, recordIn, requiredCount } from './json-file.ts';

/**
 * Mllama (Llama 3.2 Vision, arXiv 2407.21783 section 7): one placeholder for a picture, which the decoder's
 * cross-attention layers look at from there on. The encoder always makes as many tokens of a picture:
 * `image_seq_length` of config.json, else those of all tiles, used or not, each with a class token.
 */
export const mllama: Architecture = {
  modelTypes: ['mllama'],
  kind: 'cross-attention',
  visionLayout: 'images',
  imageRule: (configs) => {
    const tokens = pictureTokens(configs);
    return (_, placeholder) => ({ text: placeholder, tokens });
  },
};

const pictureTokens = ({ config }: ModelConfigs): number => {
  const layers = recordIn(config, 'text_config')['cross_attention_layers'];
  if (!Array.isArray(layers) || layers.length === 0) {
    const message = 'config.json must give text_config.cross_attention_layers for an mllama model.';
    throw new Fault('unsupported', message);
  }
  const stated = numberIn(config, 'image_seq_length');
  if (stated !== undefined) return requiredCount(stated, 'image_seq_length');
  const vision = recordIn(config, 'vision_config');
  const count = (key: string): number =>
    requiredCount(numberIn(vision, key), `image_seq_length or vision_config.${key}`);
  const side = Math.floor(count('image_size') / count('patch_size'));
  return count('max_num_tiles') * (side * side + 1);
};
