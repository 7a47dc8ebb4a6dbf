import { recognise } from '../recognise.ts';
import { refused } from '../refused.ts';
import { listGifFrames, listWebpFrames } from './list-frames.ts';
import { type VideoFormat, videoFormatOf } from './video-format.ts';
import { defaultVideoLimits, type VideoLimits } from './video-limits.ts';

export interface VideoHeader {
  readonly format: VideoFormat;
  /** Undefined for MP4 and WebM, whose tables are read where they are decoded. */
  readonly frames: number | undefined;
  /** How long each of them is shown, in milliseconds, as browsers would; there where `frames` is. */
  readonly delaysMs: readonly number[] | undefined;
}

/**
 * Says what a clip holds without decoding it: the frames of animations are counted, of MP4 and WebM only the first
 * bytes are looked at. Faults: `invalid_argument` for a file that is no readable clip, is empty, damaged or too large.
 */
export const inspectVideo = (
  bytes: Uint8Array,
  limits: VideoLimits = defaultVideoLimits,
): VideoHeader => {
  const format = recognise('clip', bytes, videoFormatOf, limits.bytesMax);
  if (format === 'mp4' || format === 'webm') {
    return { format, frames: undefined, delaysMs: undefined };
  }
  const list = format === 'gif' ? listGifFrames : listWebpFrames;
  const { delaysMs, widthPx, heightPx } = list(bytes, limits.framesMax);
  const frames = delaysMs.length;
  checkFrames({ frames, widthPx, heightPx }, limits);
  return { format, frames, delaysMs };
};

/** Holds a clip's number and size of frames to the limits. */
export const checkFrames = (
  clip: { readonly frames: number; readonly widthPx: number; readonly heightPx: number },
  limits: VideoLimits,
): void => {
  const { frames, widthPx, heightPx } = clip;
  if (frames < 1) throw refused('The clip has no frames.');
  if (frames > limits.framesMax) {
    throw refused(`The clip has more than ${limits.framesMax} frames, which is what is accepted.`);
  }
  const pixels = widthPx * heightPx;
  if (pixels < 1 || pixels > limits.framePixelsMax || pixels * frames > limits.pixelsMax) {
    throw refused(
      `The clip has ${frames} frames of ${widthPx} × ${heightPx} pixels; at most ${limits.framePixelsMax} pixels a frame ` +
        `and ${limits.pixelsMax} in all are accepted.`,
    );
  }
};
