import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decodeImage } from './decode-image.ts';
import { checkDeclaredType } from '../declared-type.ts';
import { imageFormatOf } from './image-format.ts';
import { inspectImage } from './inspect-image.ts';

const solid = (width: number, height: number, background: object, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background } });
const red = { r: 200, g: 10, b: 20 };
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) });

describe('images that are read', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('%s', async (format) => {
    const bytes = await solid(20, 10, red).toFormat(format).toBuffer();
    expect(await inspectImage(bytes)).toEqual({ widthPx: 20, heightPx: 10, format });
    const { data, widthPx, heightPx } = await decodeImage(bytes);
    expect([widthPx, heightPx, data.length]).toEqual([20, 10, 600]);
    expect(Math.abs((data[0] ?? 0) - 200)).toBeLessThan(12);
  });

  it('one pixel', async () => {
    const image = await decodeImage(await solid(1, 1, red).png().toBuffer());
    expect([...image.data]).toEqual([200, 10, 20]);
  });

  it('transparency lies on white', async () => {
    const bytes = await solid(4, 4, { ...red, alpha: 0 }, 4)
      .png()
      .toBuffer();
    expect([...(await decodeImage(bytes)).data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('CMYK becomes sRGB', async () => {
    const bytes = await solid(8, 8, red).toColourspace('cmyk').jpeg().toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { data } = await decodeImage(bytes);
    expect(data).toHaveLength(192);
    expect(data[0]).toBeGreaterThan(150);
    expect(data[1]).toBeLessThan(80);
  });

  it('grey and 16-bit pictures become three 8-bit channels', async () => {
    const grey = await solid(3, 3, { r: 90, g: 90, b: 90 }).greyscale().png().toBuffer();
    expect([...(await decodeImage(grey)).data.subarray(0, 3)]).toEqual([90, 90, 90]);
    const deep = await solid(3, 3, red).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect([...(await decodeImage(deep)).data.subarray(0, 3)]).toEqual([200, 10, 20]);
  });

  it('EXIF rotation is applied', async () => {
    const bytes = await solid(20, 10, red).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await inspectImage(bytes)).toMatchObject({ widthPx: 10, heightPx: 20 });
    expect(await decodeImage(bytes)).toMatchObject({ widthPx: 10, heightPx: 20 });
  });
});

describe('images that are refused', () => {
  let frames: Buffer[];
  beforeAll(async () => {
    frames = await Promise.all(
      [red, { r: 0, g: 200, b: 0 }].map((background) => solid(8, 8, background).png().toBuffer()),
    );
  });

  it('0 bytes', () => expect(inspectImage(new Uint8Array(0))).rejects.toEqual(refusal(/0 bytes/)));

  it('no image at all', async () => {
    await expect(inspectImage(Buffer.from('hello, I am text'))).rejects.toEqual(
      refusal(/not an image/),
    );
    await expect(inspectImage(Uint8Array.of(0xff))).rejects.toEqual(refusal(/not an image/));
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '\ufeff<?xml version="1.0"?><svg/>',
    '  <!-- x --><svg/>',
  ])('SVG: %s', (source) =>
    expect(inspectImage(Buffer.from(source))).rejects.toEqual(refusal(/SVG/)),
  );

  it('a header without its rest', async () => {
    const png = await solid(8, 8, red).png().toBuffer();
    await expect(inspectImage(png.subarray(0, 12))).rejects.toEqual(refusal(/damaged/));
  });

  it.each(['png', 'jpeg', 'webp', 'tiff', 'gif', 'avif'] as const)(
    'truncated %s',
    async (format) => {
      const noise = sharp({
        create: {
          width: 64,
          height: 64,
          channels: 3,
          background: red,
          noise: { type: 'gaussian', mean: 128, sigma: 60 },
        },
      });
      const bytes = await noise.toFormat(format).toBuffer();
      await expect(decodeImage(bytes.subarray(0, Math.floor(bytes.length / 2)))).rejects.toEqual(
        refusal(/damaged/),
      );
    },
  );

  it.each(['gif', 'webp'] as const)('animated %s', async (format) => {
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    await expect(inspectImage(bytes)).rejects.toEqual(refusal(/animated/));
  });

  it('animated PNG', async () => {
    const png = frames[0] ?? Buffer.alloc(0);
    const control = Buffer.alloc(20);
    control.writeUInt32BE(8, 0);
    control.write('acTL', 4, 'latin1');
    const animated = Buffer.concat([png.subarray(0, 33), control, png.subarray(33)]);
    await expect(inspectImage(animated)).rejects.toEqual(refusal(/animated/));
  });

  it('more pixels or bytes than the limits', async () => {
    const bytes = await solid(3000, 2000, red).png().toBuffer();
    await expect(inspectImage(bytes, { bytesMax: 1e9, pixelsMax: 5_999_999 })).rejects.toEqual(
      refusal(/3000 × 2000 pixels/),
    );
    await expect(inspectImage(bytes, { bytesMax: 10, pixelsMax: 1e9 })).rejects.toEqual(
      refusal(/at most 10/),
    );
  });

  it('a decompression bomb, by its header alone', async () => {
    const png = Buffer.from(frames[0] ?? []);
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    await expect(inspectImage(png)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('checkDeclaredType', () => {
  it('accepts the type of the file, with aliases and parameters', async () => {
    const jpeg = await solid(4, 4, red).jpeg().toBuffer();
    expect(() => checkDeclaredType('image', 'image/jpeg', jpeg)).not.toThrow();
    expect(() => checkDeclaredType('image', 'IMAGE/JPG; q=1', jpeg)).not.toThrow();
    expect(imageFormatOf(jpeg)).toBe('jpeg');
  });

  it('refuses another one', async () => {
    const jpeg = await solid(4, 4, red).jpeg().toBuffer();
    expect(() => checkDeclaredType('image', 'image/png', jpeg)).toThrow(
      /declared as "image\/png" but is image\/jpeg/,
    );
  });
});
