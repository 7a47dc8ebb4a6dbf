import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  Conversion,
  EncodedPacketSink,
  Input,
  type InputVideoTrack,
  MkvOutputFormat,
  Output,
} from 'mediabunny';
import { Fault } from '@isotherm/kernel';
import type { RgbImage } from '../image/rgb-image.ts';
import { refused } from '../refused.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { checkFrames } from './inspect-video.ts';
import { parsePpmImages } from './ppm.ts';
import { sampledByTime } from './sample-frames.ts';
import type { VideoLimits } from './video-limits.ts';

/** Video codecs that ffmpeg is asked to decode; containers may name hundreds of others, with decoders as old. */
const codecs: readonly string[] = ['avc', 'hevc', 'vp8', 'vp9', 'av1'];

/**
 * Decodes sampled frames of an MP4 or WebM file. The container is read here, held to the limits, and written anew with
 * nothing but its video packets: ffmpeg never sees the client's container (whose tables are what demuxers get wrong)
 * and needs no seeking in a pipe.
 */
export const decodeContainer = async (
  bytes: Uint8Array,
  wanted: number,
  limits: VideoLimits,
): Promise<readonly RgbImage[]> => {
  const { matroska, delaysUs } = await repack(bytes, limits);
  const places = sampledByTime(delaysUs, wanted);
  const distinct = [...new Set(places)];
  const output = await runFfmpeg(matroska, distinct, limits);
  const images = parsePpmImages(output);
  return places.map((place) => {
    const image = images[distinct.indexOf(place)];
    if (image !== undefined) return image;
    throw refused(`The clip is damaged: frame ${place} of ${delaysUs.length} cannot be decoded.`);
  });
};

const repack = async (
  bytes: Uint8Array,
  limits: VideoLimits,
): Promise<{ readonly matroska: Uint8Array; readonly delaysUs: readonly number[] }> => {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw refused('The clip holds no video.');
    if (track.codec === null || !codecs.includes(track.codec)) {
      throw refused(
        `The clip is coded as ${track.codec ?? 'what is not known'}; ${codecs.join(', ')} are accepted.`,
      );
    }
    const delaysUs = await delaysOf(track, limits.framesMax);
    const frames = delaysUs.length;
    checkFrames({ frames, widthPx: track.codedWidth, heightPx: track.codedHeight }, limits);
    const target = new BufferTarget();
    const output = new Output({ format: new MkvOutputFormat(), target });
    const conversion = await Conversion.init({
      input,
      output,
      showWarnings: false,
      audio: { discard: true },
      video: (each) => (each.id === track.id ? {} : { discard: true }),
      tags: {},
    });
    if (!conversion.isValid) throw refused('The clip cannot be read.');
    await conversion.execute();
    if (target.buffer === null) throw refused('The clip cannot be read.');
    return { matroska: new Uint8Array(target.buffer), delaysUs };
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw refused('The clip is damaged: its container cannot be read.', thrown);
  } finally {
    input.dispose();
  }
};

/**
 * How long each frame is shown, in microseconds, in the order in which they are: until the next one, and the last for as
 * long as it says itself. Of at most one frame more than `framesMax`.
 */
const delaysOf = async (track: InputVideoTrack, framesMax: number): Promise<readonly number[]> => {
  const starts: number[] = [];
  let endUs = Number.NEGATIVE_INFINITY;
  const packets = new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  });
  for await (const { timestamp, duration } of packets) {
    starts.push(Math.round(timestamp * 1e6));
    endUs = Math.max(endUs, Math.round((timestamp + duration) * 1e6));
    if (starts.length > framesMax) break;
  }
  if (starts.length === 0) return [];
  if (![...starts, endUs].every(Number.isSafeInteger)) {
    throw refused('The clip is damaged: its frames have no times.');
  }
  // Packets come in the order of decoding.
  starts.sort((a, b) => a - b);
  const delays = starts.map((start, index) => (starts[index + 1] ?? endUs) - start);
  const shortest = Math.min(...delays.filter((delay) => delay > 0));
  if (shortest === Number.POSITIVE_INFINITY) return delays.map(() => 1);
  // A last frame that does not say how long must still be seen.
  return delays.map((delay, index) =>
    index === delays.length - 1 && delay <= 0 ? shortest : delay,
  );
};
