import type { ModelConfigs } from './architecture.ts';
import { numberIn, recordIn, requiredCount } from './json-file.ts';

/** How a model takes clips: as a fixed number of frames and a fixed number of tokens, whatever their length. */
export interface VideoInput {
  readonly placeholderId: number;
  readonly frames: number;
  readonly tokens: number;
}

/** Reads `video_token_index` and `video_config` of config.json. Undefined for a model without clips. */
export const readVideoInput = ({ config }: ModelConfigs): VideoInput | undefined => {
  const placeholderId = numberIn(config, 'video_token_index') ?? numberIn(config, 'video_token_id');
  if (placeholderId === undefined) return undefined;
  const video = recordIn(config, 'video_config');
  return {
    placeholderId,
    frames: requiredCount(numberIn(video, 'num_frames'), 'video_config.num_frames'),
    tokens: requiredCount(numberIn(video, 'seq_length'), 'video_config.seq_length'),
  };
};
