import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

/** A picture that must be refused, how, and why the message says so. */
export interface BadPicture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: 'invalid_argument' | 'payload_too_large';
  readonly message: RegExp;
}

const solid = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 40, g: 90, b: 200 } } });

const noise = (width: number, height: number) =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });

const frames = async (): Promise<Buffer[]> =>
  Promise.all([16, 16, 16].map((side) => noise(side, side).png().toBuffer()));

/**
 * An APNG is a PNG with an `acTL` chunk before its pixels; readers that do not check CRCs take
 * this one as it is.
 */
const animatedPng = async (): Promise<Buffer> => {
  const png = await solid(16, 16).png().toBuffer();
  const afterHeader = 8 + 25;
  const chunk = Buffer.alloc(12 + 8);
  chunk.writeUInt32BE(8, 0);
  chunk.write('acTL', 4, 'latin1');
  chunk.writeUInt32BE(2, 8);
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
};

const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);

/** Larger than this many bytes a picture is refused in these tests. */
export const imageBytesMax = 250_000;

export const badPictures = async (): Promise<readonly BadPicture[]> => {
  const invalid = (name: string, bytes: Uint8Array, message: RegExp): BadPicture => ({
    name,
    bytes,
    code: 'invalid_argument',
    message,
  });
  const animated = sharp(await frames(), { join: { animated: true } });
  const enormous = solid(6400, 6410).greyscale().png({ compressionLevel: 9 });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>';
  return [
    invalid('text', Buffer.from('this is not a picture'), /not an image/),
    invalid('0 bytes', Buffer.alloc(0), /0 bytes/),
    invalid('SVG', Buffer.from(svg), /SVG/),
    invalid('a truncated PNG', half(await noise(64, 64).png().toBuffer()), /damaged|truncated/),
    invalid('a truncated JPEG', half(await noise(64, 64).jpeg().toBuffer()), /damaged|truncated/),
    invalid('a truncated WebP', half(await noise(64, 64).webp().toBuffer()), /damaged|truncated/),
    invalid(
      'the first 12 bytes of a PNG',
      half(await solid(1, 1).png().toBuffer()).subarray(0, 12),
      /damaged/,
    ),
    invalid('an animated GIF', await animated.clone().gif().toBuffer(), /animated/),
    invalid('an animated WebP', await animated.clone().webp().toBuffer(), /animated/),
    invalid('an animated PNG', await animatedPng(), /animated/),
    invalid('41 megapixels', await enormous.toBuffer(), /6400 × 6410/),
    {
      name: 'a file that is too large',
      bytes: await noise(400, 400).png().toBuffer(),
      code: 'payload_too_large',
      message: new RegExp(String(imageBytesMax)),
    },
  ];
};

/** Unusual pictures that must work. */
export const oddPictures = async (): Promise<
  readonly { readonly name: string; readonly bytes: Uint8Array; readonly type: string }[]
> => {
  const alpha = { r: 200, g: 10, b: 20, alpha: 0.4 };
  const see = sharp({ create: { width: 30, height: 20, channels: 4, background: alpha } });
  const cmyk = solid(30, 20).toColourspace('cmyk').jpeg();
  return [
    { name: 'one pixel', bytes: await solid(1, 1).png().toBuffer(), type: 'image/png' },
    { name: 'a CMYK JPEG', bytes: await cmyk.toBuffer(), type: 'image/jpeg' },
    { name: 'a PNG with alpha', bytes: await see.png().toBuffer(), type: 'image/png' },
    {
      name: 'a grey PNG',
      bytes: await solid(9, 9).greyscale().png().toBuffer(),
      type: 'image/png',
    },
    {
      name: 'a very wide PNG',
      bytes: await solid(4000, 1).png().toBuffer(),
      type: 'image/png',
    },
  ];
};

export const goodPicture = (): Promise<Buffer> => solid(32, 32).png().toBuffer();
