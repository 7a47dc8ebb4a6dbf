import { invariant } from '@isotherm/kernel';
import type { VideoInput } from '../model-folder/video-input.ts';
import { loadImageProcessor } from './image/image-processor.ts';
import type { MediaLimits } from './media-limits.ts';
import type { PrepareMedium } from './prepare-image.ts';
import { decodeVideo } from './video/decode-video.ts';

/** Clips: their sampled frames, each as a picture, side by side: [1, frames, channels, height, width]. */
export const videoPreparer = async (
  modelDir: string,
  input: VideoInput,
  limits: MediaLimits,
): Promise<PrepareMedium> => {
  const processor = await loadImageProcessor(modelDir);
  return async (medium) => {
    const images = await decodeVideo(medium, input.frames, limits.video);
    // One at a time: a long row of frames must not hold the memory of all of them twice.
    const frames = [];
    for (const image of images) frames.push(await processor(image));
    const [first] = frames;
    invariant(first !== undefined, 'a model takes at least one frame');
    const data = new Float32Array(frames.length * first.data.length);
    frames.forEach((frame, index) => data.set(frame.data, index * first.data.length));
    return { shape: [1, frames.length, ...first.shape.slice(1)], data };
  };
};
