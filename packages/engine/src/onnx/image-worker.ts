import sharp from 'sharp';
import { imagePreparer } from '../media/prepare-image.ts';
import { servePrepare } from './serve-prepare.ts';

// Worker thread: decodes image files and applies the model's image processor.

// The pictures of a batch already keep the cores busy; a cache of files would only grow.
sharp.cache(false);
sharp.concurrency(1);

/** Pictures decoded side by side; each may take a few hundred megabytes at the largest size that is accepted. */
const decodedAtOnce = 2;

servePrepare('image', decodedAtOnce, ({ modelDir, limits }) => imagePreparer(modelDir, limits));
