import { invariant } from '@isotherm/kernel';
import sharp from 'sharp';
import { videoPreparer } from '../media/prepare-video.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { servePrepare } from './serve-prepare.ts';

// Worker thread: samples the frames of clips and applies the model's image processor to each.

sharp.cache(false);
sharp.concurrency(1);

servePrepare('video', 1, async ({ modelDir, limits }) => {
  const { video } = await readModelFolder(modelDir);
  invariant(video !== undefined, 'only models with clips have this thread');
  return videoPreparer(modelDir, video, limits);
});
