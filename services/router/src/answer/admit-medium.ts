import {
  checkDeclaredType,
  defaultMediaLimits,
  inspectMedium,
  type MediaLimits,
} from '@isotherm/engine/media';
import type { MediaPart, Modality, TextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { RouterSettings } from '../settings.ts';
import type { ChatPart } from './chat.ts';

export type MediumPart = Exclude<ChatPart, { kind: 'text' }>;

export type MediaBounds = Pick<
  RouterSettings,
  | 'imagesMax'
  | 'imageBytesMax'
  | 'soundsMax'
  | 'soundBytesMax'
  | 'soundSecondsMax'
  | 'clipsMax'
  | 'clipBytesMax'
  | 'clipFramesMax'
>;

/** Most files of each kind in one request. */
const countsMax = (bounds: MediaBounds): Readonly<Record<Modality, number>> => ({
  image: bounds.imagesMax,
  audio: bounds.soundsMax,
  video: bounds.clipsMax,
});

const names = { image: 'images', audio: 'sounds', video: 'clips' } as const;

/** Refuses a request with too many media of a kind, at the first one too many. */
export const checkCounts = (media: readonly MediumPart[], bounds: MediaBounds): void => {
  for (const [modality, most] of Object.entries(countsMax(bounds))) {
    const kind = modality as Modality;
    const found = media.filter((part) => part.modality === kind);
    const tooMany = found[most];
    if (tooMany === undefined) continue;
    throw new Fault(
      'invalid_argument',
      `A request may hold ${most} ${names[kind]}; this one holds ${found.length}.`,
      { param: tooMany.param },
    );
  }
};

/**
 * What counting needs to know of a medium, which the model takes where it is known; only headers are read. Throws a Fault
 * at the field that holds the medium.
 */
export const inspectPart = async (
  part: MediumPart,
  bounds: MediaBounds,
  model: TextModel | undefined,
): Promise<MediaPart> => {
  try {
    checkBytes(part, bounds);
    if (part.kind === 'file' && part.mimeType !== undefined) {
      checkDeclaredType(part.modality, part.mimeType, part.bytes);
    }
    const inspected = await inspectMedium(part, limitsOf(bounds));
    model?.tokensOf(inspected);
    return inspected;
  } catch (error) {
    const fault = Fault.from(error);
    throw new Fault(fault.code, fault.message, { param: part.param, cause: fault });
  }
};

const bytesMaxOf = (modality: Modality, bounds: MediaBounds): number => {
  switch (modality) {
    case 'image':
      return bounds.imageBytesMax;
    case 'audio':
      return bounds.soundBytesMax;
    case 'video':
      return bounds.clipBytesMax;
    default:
      return modality satisfies never;
  }
};

const checkBytes = (part: MediumPart, bounds: MediaBounds): void => {
  const most = bytesMaxOf(part.modality, bounds);
  const files = part.kind === 'file' ? [part.bytes] : part.frames;
  const bytes = files.reduce((sum, file) => sum + file.length, 0);
  if (bytes <= most) return;
  const name = { image: 'An image', audio: 'A sound', video: 'A clip' }[part.modality];
  throw new Fault('payload_too_large', `${name} may have ${most} bytes; this one has ${bytes}.`);
};

/** The engine's own limits, with what this router allows less or more. */
const limitsOf = (bounds: MediaBounds): MediaLimits => ({
  image: { ...defaultMediaLimits.image, bytesMax: bounds.imageBytesMax },
  audio: {
    ...defaultMediaLimits.audio,
    bytesMax: bounds.soundBytesMax,
    secondsMax: bounds.soundSecondsMax,
  },
  video: {
    ...defaultMediaLimits.video,
    bytesMax: bounds.clipBytesMax,
    framesMax: bounds.clipFramesMax,
  },
});
