import { readFile } from 'node:fs/promises';
import { CommandError } from '../exit-code.ts';

/** Bytes of a picture's file; whether it is a picture is for the router to say. */
export const readPicture = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = reasons.get((error as NodeJS.ErrnoException).code ?? '') ?? 'it cannot be read';
    throw new CommandError(`${file}: ${reason}. Give the path of an image file.`, { cause: error });
  }
};

const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'it may not be read'],
]);
