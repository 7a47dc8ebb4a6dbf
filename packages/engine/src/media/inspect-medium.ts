import type { FileMedium, FramesMedium, MediaPart } from '../contract.ts';
import { inspectAudio } from './audio/inspect-audio.ts';
import { inspectImage } from './image/inspect-image.ts';
import { defaultMediaLimits, type MediaLimits } from './media-limits.ts';
import { refused } from './refused.ts';
import { inspectVideo } from './video/inspect-video.ts';

/** A medium before its tokens are counted. */
export type UncountedMedium = Omit<FileMedium, 'tokens'> | Omit<FramesMedium, 'tokens'>;

/**
 * What counting needs to know of a medium, from its headers: no pixel and no sample is decoded. Faults: as
 * `inspectImage`, `inspectAudio` and `inspectVideo`.
 */
export const inspectMedium = async (
  medium: UncountedMedium,
  limits: MediaLimits = defaultMediaLimits,
): Promise<MediaPart> => {
  if (medium.kind === 'frames') return inspectFrames(medium.frames, limits);
  const { bytes, modality } = medium;
  switch (modality) {
    case 'image': {
      const { widthPx, heightPx } = await inspectImage(bytes, limits.image);
      return { kind: 'image', widthPx, heightPx };
    }
    case 'audio': {
      const { samples, sampleRateHz } = inspectAudio(bytes, limits.audio);
      return { kind: 'audio', samples, sampleRateHz };
    }
    case 'video':
      return { kind: 'video', frames: inspectVideo(bytes, limits.video).frames };
    default:
      return modality satisfies never;
  }
};

const inspectFrames = async (
  frames: readonly Uint8Array[],
  { video }: MediaLimits,
): Promise<MediaPart> => {
  if (frames.length === 0) throw refused('The clip has no frames.');
  if (frames.length > video.framesMax) {
    throw refused(`The clip has ${frames.length} frames; at most ${video.framesMax} are accepted.`);
  }
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  if (bytes > video.bytesMax) {
    throw refused(`The clip has ${bytes} bytes; at most ${video.bytesMax} are accepted.`);
  }
  const limits = { bytesMax: video.bytesMax, pixelsMax: video.framePixelsMax };
  for (const frame of frames) await inspectImage(frame, limits);
  return { kind: 'video', frames: frames.length };
};
