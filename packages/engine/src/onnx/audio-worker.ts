import { invariant } from '@isotherm/kernel';
import { audioPreparer } from '../media/prepare-audio.ts';
import { readModelFolder } from '../model-folder/model-folder.ts';
import { servePrepare } from './serve-prepare.ts';

// Worker thread: decodes sounds and makes their spectrograms.

// The decoders complain to the console about every damaged file; what matters of it is in the fault.
console.error = () => {};

servePrepare('audio', 1, async ({ modelDir, limits }) => {
  const { audio } = await readModelFolder(modelDir);
  invariant(audio !== undefined, 'only models with sound have this thread');
  return audioPreparer(audio, limits);
});
