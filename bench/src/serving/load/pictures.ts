import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@isotherm/kernel';
import sharp from 'sharp';
import { repositoryRoot } from '../../report/repository.ts';

/** A picture with a question about it. */
export interface AskedPicture {
  readonly question: string;
  readonly raw: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
}

const folder = join(repositoryRoot, 'test/fixtures/panel');

/** The pictures that the tests ask about, decoded; enlarged to `sidePx` where that is given. Kept once they are read. */
export const loadPictures = (
  count: number,
  sidePx: number | undefined,
): Promise<readonly AskedPicture[]> => {
  const key = `${count} ${sidePx ?? ''}`;
  const loaded = kept.get(key) ?? readPictures(count, sidePx);
  kept.set(key, loaded);
  return loaded;
};

const kept = new Map<string, Promise<readonly AskedPicture[]>>();

const readPictures = async (
  count: number,
  sidePx: number | undefined,
): Promise<readonly AskedPicture[]> => {
  const lines = (await readFile(join(folder, 'questions.jsonl'), 'utf8')).trim().split('\n');
  return Promise.all(
    lines.slice(0, count).map(async (line) => {
      const { picture, question } = JSON.parse(line) as { picture: string; question: string };
      const file = sharp(join(folder, picture)).removeAlpha();
      const sized = sidePx === undefined ? file : file.resize(sidePx, sidePx);
      const { data, info } = await sized.raw().toBuffer({ resolveWithObject: true });
      return { question, raw: data, widthPx: info.width, heightPx: info.height };
    }),
  );
};

const changedBytes = 6;

/** The picture as a data URL, with a few pixels of its first row changed: nobody has seen it before. */
export const uniqueDataUrl = async (picture: AskedPicture, random: Random): Promise<string> => {
  const raw = Buffer.from(picture.raw);
  for (let change = 0; change < changedBytes; change++) {
    raw[Math.floor(random() * picture.widthPx * 3)] = Math.floor(random() * 256);
  }
  return dataUrl({ ...picture, raw });
};

export const dataUrl = async ({ raw, widthPx, heightPx }: AskedPicture): Promise<string> => {
  const png = await sharp(raw, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
};
