import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  Conversion,
  Input,
  MkvOutputFormat,
  Output,
} from 'mediabunny';
import { Fault } from '@isotherm/kernel';
import type { RgbImage } from '../image/decode-image.ts';
import { refused } from '../refused.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { checkFrames } from './inspect-video.ts';
import { parsePpmImages } from './ppm.ts';
import { sampledFrames } from './sample-frames.ts';
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
  const { matroska, frames } = await repack(bytes, limits);
  const places = sampledFrames(frames, wanted);
  const distinct = [...new Set(places)];
  const output = await runFfmpeg(matroska, distinct, limits);
  const images = parsePpmImages(output);
  return places.map((place) => {
    const image = images[distinct.indexOf(place)];
    if (image !== undefined) return image;
    throw refused(`The clip is damaged: frame ${place} of ${frames} cannot be decoded.`);
  });
};

const repack = async (
  bytes: Uint8Array,
  limits: VideoLimits,
): Promise<{ readonly matroska: Uint8Array; readonly frames: number }> => {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw refused('The clip holds no video.');
    if (track.codec === null || !codecs.includes(track.codec)) {
      throw refused(
        `The clip is coded as ${track.codec ?? 'what is not known'}; ${codecs.join(', ')} are accepted.`,
      );
    }
    const stats = await track.computePacketStats(limits.framesMax + 1);
    const frames = stats.packetCount;
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
    return { matroska: new Uint8Array(target.buffer), frames };
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw refused('The clip is damaged: its container cannot be read.', thrown);
  } finally {
    input.dispose();
  }
};
