import type { FileMedium, TextModel } from '@isotherm/engine/text';
import { seededRandom } from '@isotherm/kernel';
import sharp from 'sharp';

/** So many different pictures of noise of each size; sizes of which a model makes equally many tokens are taken once. */
export const noisePictures = async (
  text: TextModel,
  sidesPx: readonly number[],
  count: number,
): Promise<readonly (readonly FileMedium[])[]> => {
  const bySize = new Map<number, number>();
  for (const sidePx of sidesPx) {
    const tokens = text.tokensOf({ kind: 'image', widthPx: sidePx, heightPx: sidePx });
    // A picture that fills the context leaves no prompt.
    if (tokens < text.facts.contextMax && !bySize.has(tokens)) bySize.set(tokens, sidePx);
  }
  return Promise.all(
    [...bySize].map(([tokens, sidePx]) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => ({
          ...{ kind: 'file' as const, modality: 'image' as const, tokens },
          bytes: await noise(sidePx, index),
        })),
      ),
    ),
  );
};

const noise = async (sidePx: number, seed: number): Promise<Uint8Array> => {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: sidePx * sidePx * 3 }, () => Math.floor(random() * 256));
  const raw = { width: sidePx, height: sidePx, channels: 3 as const };
  return sharp(data, { raw }).jpeg({ quality: 90 }).toBuffer();
};
