import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@isotherm/kernel';
import sharp, { type PngOptions, type Sharp } from 'sharp';
import { decodeImage, rgbOf } from './decode-image.ts';
import { decodeSmallPng } from './decode-small-png.ts';

const width = 37;
const height = 23;

/** Smooth in places and noisy in others, so that writers choose every filter. */
const pixels = (channels: 1 | 3 | 4): Sharp => {
  const random = seededRandom(1);
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) =>
    at % 500 < 250 ? (at * 3) % 256 : Math.floor(random() * 256),
  );
  return sharp(data, { raw: { width, height, channels } });
};
const png = (options: PngOptions = {}, channels: 1 | 3 | 4 = 3): Promise<Buffer> =>
  pixels(channels).png(options).toBuffer();

/** The filter of each row. */
const filtersOf = (file: Uint8Array): Promise<ReadonlySet<number>> =>
  import('node:zlib').then(({ inflateSync }) => {
    const text = Buffer.from(file);
    const at = text.indexOf('IDAT');
    const rows = inflateSync(text.subarray(at + 4, at + 4 + text.readUInt32BE(at - 4)));
    return new Set(Array.from({ length: height }, (_, row) => rows[row * (3 * width + 1)] ?? -1));
  });

describe('small plain PNGs', () => {
  it.each([{ adaptiveFiltering: true }, { adaptiveFiltering: false }, { compressionLevel: 0 }])(
    'are decoded as the library does: %j',
    async (options) => {
      const file = await png(options);
      const small = decodeSmallPng(file);
      expect(small).toEqual(await rgbOf(sharp(file)));
      expect(await decodeImage(file)).toEqual(small);
    },
  );

  it('by every filter that there is', async () => {
    const filters = await filtersOf(await png({ adaptiveFiltering: true }));
    expect([...filters].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('of the model', async () => {
    const folder = fileURLToPath(new URL('../../../../../test/fixtures/panel/', import.meta.url));
    const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).slice(0, 20);
    for (const name of names) {
      const file = await readFile(folder + name);
      const small = decodeSmallPng(file);
      if (small !== undefined) expect(small).toEqual(await rgbOf(sharp(file)));
    }
  });
});

describe('left to the library', () => {
  it.each([
    ['transparency', () => png({}, 4)],
    ['grey', () => pixels(1).toColourspace('b-w').png().toBuffer()],
    ['a palette', () => png({ palette: true })],
    ['16 bits', () => pixels(3).toColourspace('rgb16').png().toBuffer()],
    ['interlaced rows', () => png({ progressive: true })],
    ['a colour profile', () => pixels(3).withIccProfile('p3').png().toBuffer()],
    ['another format', () => pixels(3).jpeg().toBuffer()],
    ['a large one', () => pixels(3).resize(300, 300).png().toBuffer()],
  ] as const)('%s', async (_, file) => {
    expect(decodeSmallPng(await file())).toBeUndefined();
  });

  it.each([
    ['cut off', (file: Buffer) => file.subarray(0, file.length - 20)],
    ['a flipped bit among its pixels', (file: Buffer) => flipped(file, file.indexOf('IDAT') + 99)],
    ['another width in its header', (file: Buffer) => flipped(file, 19)],
    ['another filter than there is', (file: Buffer) => withFilter(file)],
  ] as const)('%s', async (_, damage) => {
    const file = damage(await png({ compressionLevel: 0 }));
    expect(decodeSmallPng(file)).toBeUndefined();
  });
});

const flipped = (file: Buffer, at: number): Buffer => {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

/** Stored without compression the first row's filter stands behind the headers of zlib and of its block. */
const withFilter = (file: Buffer): Buffer => {
  const copy = Buffer.from(file);
  copy[copy.indexOf('IDAT') + 4 + 7] = 9;
  return copy;
};
