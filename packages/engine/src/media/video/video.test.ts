import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import sharp from 'sharp';
import type { Medium } from '../../contract.ts';
import { mediaFile } from '../../testing/media-files.ts';
import { decodeVideo } from './decode-video.ts';
import { inspectVideo } from './inspect-video.ts';
import { sampledByTime, sampledFrames } from './sample-frames.ts';
import { defaultVideoLimits } from './video-limits.ts';

/** Frame n is grey with value 20 n + 10. */
const grey = (n: number): number => 20 * n + 10;

/** A clip that shows frames `shown`, each for its delay. */
const animation = (
  shown: readonly number[],
  format: 'gif' | 'webp',
  delay: number | number[] = 100,
): Promise<Buffer> => {
  const [width, height, frames] = [16, 12, shown.length];
  const strip = Buffer.alloc(width * height * frames * 3);
  shown.forEach((n, index) => {
    strip.fill(grey(n) % 256, index * width * height * 3, (index + 1) * width * height * 3);
  });
  const raw = { width, height: height * frames, channels: 3 as const, pageHeight: height };
  const pipeline = sharp(strip, { raw });
  return format === 'gif'
    ? pipeline.gif({ delay }).toBuffer()
    : pipeline.webp({ delay, lossless: true }).toBuffer();
};

/** Frames 0 to `frames` - 1. */
const first = (frames: number): readonly number[] => Array.from({ length: frames }, (_, n) => n);

const clip = (bytes: Uint8Array): Medium => ({
  kind: 'file',
  modality: 'video',
  bytes,
  tokens: 36,
});

const values = async (medium: Medium): Promise<readonly number[]> =>
  (await decodeVideo(medium, 4)).map(({ data }) => data[0] ?? -1);

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) });

const hasFfmpeg = await promisify(execFile)('ffmpeg', ['-version']).then(
  () => true,
  () => false,
);

describe('sampledFrames', () => {
  it.each([
    [1, [0, 0, 0, 0]],
    [2, [0, 0, 1, 1]],
    [4, [0, 1, 2, 3]],
    [8, [0, 2, 5, 7]],
    [10, [0, 3, 6, 9]],
    [1801, [0, 600, 1200, 1800]],
  ])('of %d frames takes %j', (frames, places) => {
    expect(sampledFrames(frames, 4)).toEqual(places);
  });
});

describe('sampledByTime', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['a still that opens', [700, 100, 100, 100], [0, 0, 0, 3]],
    ['a still that ends', [100, 100, 100, 700], [0, 3, 3, 3]],
    ['a still in the middle', [100, 100, 600, 100, 100], [0, 2, 2, 4]],
    ['one frame', [100], [0, 0, 0, 0]],
    ['a frame that is never shown', [0, 100, 100], [1, 1, 2, 2]],
  ])('%s', (_, delays, places) => {
    expect(sampledByTime(delays, 4)).toEqual(places);
  });

  it.each([1, 2, 3, 4, 8])('is by number, %d of frames that all last as long', (wanted) => {
    for (const frames of [1, 2, 3, 4, 5, 7, 8, 10, 99, 1800]) {
      const nearest = Array.from({ length: wanted }, (_, index) =>
        wanted === 1 ? 0 : Math.round((index * (frames - 1)) / (wanted - 1)),
      );
      for (const delay of [20, 33, 170]) {
        expect(sampledByTime(Array<number>(frames).fill(delay), wanted)).toEqual(nearest);
      }
    }
  });
});

describe('clips', () => {
  it.each(['gif', 'webp'] as const)('as animated %s are sampled by time', async (format) => {
    // Frame 0 stands for six frames, 1 to 3 for one each, as an encoder merges those that are alike.
    const merged = await animation([0, 1, 2, 3], format, [600, 100, 100, 100]);
    expect(inspectVideo(merged)).toMatchObject({ frames: 4, delaysMs: [600, 100, 100, 100] });
    const whole = [0, 0, 0, 0, 0, 0, 1, 2, 3];
    const expected = sampledFrames(whole.length, 4).map((place) => grey(whole[place] ?? -1));
    expect(await values(clip(merged))).toEqual(expected);
  });

  it.each(['gif', 'webp'] as const)('as animated %s have delays as in browsers', async (format) => {
    const bytes = await animation(first(5), format, [0, 10, 20, 30, 60_000]);
    expect(inspectVideo(bytes).delaysMs).toEqual([100, 100, 20, 30, 60_000]);
    expect(await values(clip(bytes))).toEqual([0, 4, 4, 4].map(grey));
  });

  it.each(['gif', 'webp'] as const)('as animated %s give their sampled frames', async (format) => {
    const bytes = await animation(first(10), format);
    expect(inspectVideo(bytes)).toMatchObject({ format, frames: 10 });
    expect(await values(clip(bytes))).toEqual([0, 3, 6, 9].map(grey));
  });

  it('as a list of frames give the same', async () => {
    const frames = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6].map((n) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: { r: n, g: n, b: n } } })
          .png()
          .toBuffer(),
      ),
    );
    const medium: Medium = { kind: 'frames', modality: 'video', frames, tokens: 36 };
    expect(await values(medium)).toEqual([0, 2, 4, 6]);
  });

  it('of one frame repeat it', async () => {
    const still = await sharp(await animation(first(1), 'webp'))
      .webp({ lossless: true })
      .toBuffer();
    expect(await values(clip(still))).toEqual([10, 10, 10, 10]);
  });

  const reason = hasFfmpeg ? '' : ' (there is none: apt-get install ffmpeg)';
  (hasFfmpeg ? describe : describe.skip)(`through ffmpeg${reason}`, () => {
    it.each(['clip.mp4', 'clip.webm'])('%s gives its sampled frames', async (name) => {
      const shown = await values(clip(await mediaFile(name)));
      shown.forEach((value, index) => {
        expect(Math.abs(value - grey([0, 3, 6, 9][index] ?? 0))).toBeLessThan(4);
      });
    });

    it('is sampled by the times of its frames', async () => {
      // Frames 0 to 5 stand close together, then 6 stays on for as long as all others.
      const startsMs = [0, 100, 200, 300, 400, 500, 600, 1500, 1600, 1700];
      const shown = await values(clip(await retimed(await mediaFile('clip.webm'), startsMs)));
      shown.forEach((value, index) => {
        expect(Math.abs(value - grey([0, 6, 6, 9][index] ?? 0))).toBeLessThan(4);
      });
    });

    it('is bounded in frames, size and time', async () => {
      const medium = clip(await mediaFile('clip.mp4'));
      const limited = (limits: object) =>
        decodeVideo(medium, 4, { ...defaultVideoLimits, ...limits });
      await expect(limited({ framesMax: 9 })).rejects.toEqual(refusal(/more than 9 frames/));
      await expect(limited({ framePixelsMax: 700 })).rejects.toEqual(refusal(/at most 700 pixels/));
      await expect(limited({ decodeMsMax: 1 })).rejects.toEqual(refusal(/longer than 1 ms/));
    });

    it('refuses a container that is damaged', async () => {
      const whole = await mediaFile('clip.mp4');
      for (const bytes of [whole.slice(0, 700), whole.slice(0, -300), whole.slice(0, 40)]) {
        await expect(decodeVideo(clip(bytes), 4)).rejects.toEqual(refusal(/clip/));
      }
    });
  });

  it('says how to get ffmpeg where there is none', async () => {
    const limits = { ...defaultVideoLimits, ffmpeg: '/nowhere/ffmpeg' };
    await expect(decodeVideo(clip(await mediaFile('clip.mp4')), 4, limits)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/ffmpeg.*apt-get install ffmpeg/),
    });
  });
});

describe('clips that are refused', () => {
  let gif: Buffer;
  let webp: Buffer;
  beforeAll(async () => {
    gif = await animation(first(5), 'gif');
    webp = await animation(first(5), 'webp');
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['empty', () => new Uint8Array(0), /0 bytes/],
    ['text', () => Buffer.from('no clip'), /not a clip/],
    ['a PNG', () => Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'), /not a clip/],
    ['half a GIF', () => gif.subarray(0, gif.length / 2), /truncated/],
    ['half a WebP', () => webp.subarray(0, webp.length / 2), /truncated/],
    ['a GIF with an archive', () => Buffer.concat([gif, zip]), /ZIP archive/],
    ['a GIF that is a script', () => gifScript, /also a script/],
  ])('%s', (_, bytes, message) => {
    expect(() => inspectVideo(bytes())).toThrow(refusal(message));
  });

  it('by number of frames, without decoding any', () => {
    // A hundred thousand frames of one pixel, 2 MB: counted to the limit and no further.
    const header = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
    const frame = Buffer.from(',\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0', 'latin1');
    const bomb = Buffer.concat([header, ...Array<Buffer>(100_000).fill(frame), Buffer.from(';')]);
    const startMs = performance.now();
    expect(() => inspectVideo(bomb)).toThrow(refusal(/more than 1800 frames/));
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('by pixels, without decoding any', () => {
    const wide = Buffer.from(gif);
    wide.writeUInt16LE(65_535, 6);
    wide.writeUInt16LE(65_535, 8);
    expect(() => inspectVideo(wide)).toThrow(refusal(/65535 × 65535 pixels/));
  });
});

/** The WebM clip with other times of its frames. */
const retimed = async (bytes: Uint8Array, startsMs: readonly number[]): Promise<Uint8Array> => {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  const codec = track?.codec ?? null;
  if (track === null || codec === null) throw new Error('the fixture holds a video');
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  const config = await track.getDecoderConfig();
  let index = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const timestamp = (startsMs[index++] ?? 0) / 1000;
    const meta = config === null ? {} : { decoderConfig: config };
    await source.add(packet.clone({ timestamp, duration: 0.1 }), meta);
  }
  await output.finalize();
  input.dispose();
  return new Uint8Array(target.buffer ?? new ArrayBuffer(0));
};

/** The end of an empty archive. */
const zip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
const gifScript = Buffer.from('GIF89a/*\0\0\0\0*/=1;alert(1)', 'latin1');
