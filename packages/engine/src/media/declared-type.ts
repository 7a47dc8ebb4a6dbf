import type { Modality } from '../contract.ts';
import { audioFormatOf, audioFormats } from './audio/audio-format.ts';
import { imageFormatOf, imageFormats } from './image/image-format.ts';
import { refused } from './refused.ts';
import { videoFormatOf, videoFormats } from './video/video-format.ts';

/** Media types of the file's own format, the usual one first. */
const typesOf = (modality: Modality, bytes: Uint8Array): readonly string[] => {
  switch (modality) {
    case 'image':
      return imageFormats[imageFormatOf(bytes)];
    case 'audio':
      return audioFormats[audioFormatOf(bytes)];
    case 'video':
      return videoFormats[videoFormatOf(bytes)];
    default:
      return modality satisfies never;
  }
};

/** The usual media type of a file. Faults: `invalid_argument` for a file that is none of its modality. */
export const mediaTypeOf = (modality: Modality, bytes: Uint8Array): string =>
  typesOf(modality, bytes)[0] ?? 'application/octet-stream';

/** Checks a declared media type against the file. Faults: `invalid_argument` when they differ. */
export const checkDeclaredType = (
  modality: Modality,
  mediaType: string,
  bytes: Uint8Array,
): void => {
  const types = typesOf(modality, bytes);
  const declared = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (types.includes(declared)) return;
  throw refused(
    `The ${modality} is declared as ${JSON.stringify(declared.slice(0, 40))} but is ${types[0]}.`,
  );
};
