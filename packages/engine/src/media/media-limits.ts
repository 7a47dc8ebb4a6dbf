import { type AudioLimits, defaultAudioLimits } from './audio/audio-limits.ts';
import { defaultImageLimits, type ImageLimits } from './image/image-limits.ts';
import { defaultVideoLimits, type VideoLimits } from './video/video-limits.ts';

/** How large a medium of each kind may be. */
export interface MediaLimits {
  readonly image: ImageLimits;
  readonly audio: AudioLimits;
  readonly video: VideoLimits;
}

export const defaultMediaLimits: MediaLimits = {
  image: defaultImageLimits,
  audio: defaultAudioLimits,
  video: defaultVideoLimits,
};
