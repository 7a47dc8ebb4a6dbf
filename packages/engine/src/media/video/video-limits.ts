export interface VideoLimits {
  /** Of the file, or of all frames given. */
  readonly bytesMax: number;
  readonly framesMax: number;
  /** Width times height of a frame. */
  readonly framePixelsMax: number;
  /** Of all frames that stand in the file: to show one, those before it may have to be decoded. */
  readonly pixelsMax: number;
  /** Longest time that ffmpeg may take for a clip, in milliseconds. */
  readonly decodeMsMax: number;
  /** The program, as a name or a path. */
  readonly ffmpeg: string;
}

/** 32 MiB, a minute at 30 frames a second, 4 megapixels a frame. */
export const defaultVideoLimits: VideoLimits = {
  bytesMax: 32 * 2 ** 20,
  framesMax: 1800,
  framePixelsMax: 4_000_000,
  pixelsMax: 400_000_000,
  decodeMsMax: 10_000,
  ffmpeg: 'ffmpeg',
};
