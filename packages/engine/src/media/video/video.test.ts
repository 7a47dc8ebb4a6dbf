import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { Medium } from '../../contract.ts';
import { mediaFile } from '../../testing/media-files.ts';
import { decodeVideo } from './decode-video.ts';
import { inspectVideo } from './inspect-video.ts';
import { sampledFrames } from './sample-frames.ts';
import { defaultVideoLimits } from './video-limits.ts';

/** Frame n is grey with value 20 n + 10. */
const grey = (n: number): number => 20 * n + 10;

const animation = (frames: number, format: 'gif' | 'webp'): Promise<Buffer> => {
  const [width, height] = [16, 12];
  const strip = Buffer.alloc(width * height * frames * 3);
  for (let n = 0; n < frames; n++) {
    strip.fill(grey(n) % 256, n * width * height * 3, (n + 1) * width * height * 3);
  }
  const raw = { width, height: height * frames, channels: 3 as const, pageHeight: height };
  const pipeline = sharp(strip, { raw });
  return format === 'gif'
    ? pipeline.gif({ delay: 100 }).toBuffer()
    : pipeline.webp({ delay: 100, lossless: true }).toBuffer();
};

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

describe('clips', () => {
  it.each(['gif', 'webp'] as const)('as animated %s give their sampled frames', async (format) => {
    const bytes = await animation(10, format);
    expect(inspectVideo(bytes)).toEqual({ format, frames: 10 });
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
    const still = await sharp(await animation(1, 'webp'))
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
    gif = await animation(5, 'gif');
    webp = await animation(5, 'webp');
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

/** The end of an empty archive. */
const zip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
const gifScript = Buffer.from('GIF89a/*\0\0\0\0*/=1;alert(1)', 'latin1');
