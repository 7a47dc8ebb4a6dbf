import type { MediaPart, ModelFacts } from '../contract.ts';
import type { JsonRecord } from './json-file.ts';

/** The configuration files of a model folder, as read. */
export interface ModelConfigs {
  readonly config: JsonRecord;
  readonly preprocessor: JsonRecord;
  readonly processor: JsonRecord;
}

export interface ImageSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface MediumExpansion {
  /** What stands in the prompt for the medium: its placeholders and the marks around them. */
  readonly text: string;
  /** Tokens that the encoder makes of it; where they stand in the prompt, `text` has as many placeholders. */
  readonly tokens: number;
}

/** How a model's prompt speaks of an image. */
export type ImageRule = (size: ImageSize, placeholder: string) => MediumExpansion;

/** How a model's prompt speaks of a medium; `placeholder` is the spelling of the token of its modality. */
export type MediaRule = (part: MediaPart, placeholder: string) => MediumExpansion;

/**
 * How the vision graph takes its pictures. `images`: `pixel_values` [images, channels, height, width].
 * `tiles`: `pixel_values` [1, tiles, channels, height, width] with `pixel_attention_mask` [1, tiles, height, width],
 * the tiles of all pictures one after the other.
 */
export type VisionLayout = 'images' | 'tiles';

/** What one kind of model does differently from the others. */
export interface Architecture {
  /** Values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  readonly kind: ModelFacts['architecture'];
  readonly visionLayout: VisionLayout;
  imageRule(configs: ModelConfigs): ImageRule;
}
