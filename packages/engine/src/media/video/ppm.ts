import { textAt } from '../byte-reader.ts';
import type { RgbImage } from '../image/rgb-image.ts';

/** Pictures in the form "P6 width height 255", one behind the other, as ffmpeg writes them; a cut-off one is left out. */
export const parsePpmImages = (bytes: Uint8Array): readonly RgbImage[] => {
  const images: RgbImage[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const header = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(textAt(bytes, at, at + 32));
    if (header === null) break;
    const [text, width, height] = header;
    const [widthPx, heightPx] = [Number(width), Number(height)];
    const start = at + text.length;
    at = start + widthPx * heightPx * 3;
    if (at > bytes.byteLength) break;
    images.push({ widthPx, heightPx, data: Uint8ClampedArray.from(bytes.subarray(start, at)) });
  }
  return images;
};
