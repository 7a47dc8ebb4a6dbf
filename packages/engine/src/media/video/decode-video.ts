import sharp from 'sharp';
import type { Medium } from '../../contract.ts';
import { decodeImage, rgbOf } from '../image/decode-image.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { elseRefused, refused } from '../refused.ts';
import { decodeContainer } from './decode-container.ts';
import { inspectVideo } from './inspect-video.ts';
import { sampledByTime, sampledFrames } from './sample-frames.ts';
import { defaultVideoLimits, type VideoLimits } from './video-limits.ts';

/**
 * Decodes as many frames of a clip as the model wants, evenly sampled by time with the first and the last (a list of
 * frames by their number), and no others where the format allows. Heavy: worker threads only. Faults: `invalid_argument` as `inspectVideo` and for damaged frames;
 * `unsupported` for MP4 and WebM where there is no ffmpeg.
 */
export const decodeVideo = async (
  medium: Medium,
  wanted: number,
  limits: VideoLimits = defaultVideoLimits,
): Promise<readonly RgbImage[]> => {
  if (medium.kind === 'frames') return decodeFrameFiles(medium.frames, wanted, limits);
  const { format, delaysMs } = inspectVideo(medium.bytes, limits);
  return delaysMs === undefined
    ? decodeContainer(medium.bytes, wanted, limits)
    : decodePages(medium.bytes, sampledByTime(delaysMs, wanted), format);
};

const decodeFrameFiles = async (
  files: readonly Uint8Array[],
  wanted: number,
  { bytesMax, framePixelsMax }: VideoLimits,
): Promise<readonly RgbImage[]> => {
  const images: RgbImage[] = [];
  for (const place of sampledFrames(files.length, wanted)) {
    const file = files[place];
    if (file === undefined) throw refused('The clip has no frames.');
    images.push(await decodeImage(file, { bytesMax, pixelsMax: framePixelsMax }));
  }
  return images;
};

const decodePages = async (
  bytes: Uint8Array,
  places: readonly number[],
  format: string,
): Promise<readonly RgbImage[]> => {
  const images: RgbImage[] = [];
  for (const page of places) {
    const options = { page, pages: 1, failOn: 'truncated', limitInputPixels: false } as const;
    const image = await elseRefused(
      `The ${format.toUpperCase()} clip is damaged: frame ${page} cannot be decoded.`,
      () => rgbOf(sharp(bytes, options)),
    );
    images.push(image);
  }
  return images;
};
