import sharp from 'sharp';
import { seededRandom } from '@isotherm/kernel';

/** A PNG of random coloured rectangles, the same for the same seed. */
export const testImage = async (seed: number, widthPx = 96, heightPx = 96): Promise<Uint8Array> => {
  const random = seededRandom(seed);
  const shapes = Array.from({ length: 5 }, () => {
    const [x, y] = [random() * widthPx, random() * heightPx];
    const colour = `hsl(${Math.floor(random() * 360)}, 80%, 45%)`;
    return `<rect x="${x}" y="${y}" width="${widthPx / 4}" height="${heightPx / 4}" fill="${colour}"/>`;
  });
  const background = `hsl(${Math.floor(random() * 360)}, 30%, 80%)`;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}"><rect width="100%" height="100%" fill="${background}"/>${shapes.join('')}</svg>`;
  return new Uint8Array(await sharp(Buffer.from(drawing)).png().toBuffer());
};

/** An animated WebP of pictures as above, one a frame. */
export const testAnimation = async (frames: number): Promise<Uint8Array> => {
  const pictures = await Promise.all(Array.from({ length: frames }, (_, seed) => testImage(seed)));
  const files = pictures.map((picture) => Buffer.from(picture));
  return new Uint8Array(
    await sharp(files, { join: { animated: true } })
      .webp()
      .toBuffer(),
  );
};
