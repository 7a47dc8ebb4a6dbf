/** Entry `@isotherm/engine/media`: what a process may ask of a medium without decoding it. */
export { audioFormats } from './audio/audio-format.ts';
export type { AudioHeader } from './audio/audio-header.ts';
export { type AudioLimits, defaultAudioLimits } from './audio/audio-limits.ts';
export { inspectAudio } from './audio/inspect-audio.ts';
export { checkDeclaredType, mediaTypeOf } from './declared-type.ts';
export { type ImageFormat, imageFormatOf, imageFormats } from './image/image-format.ts';
export { defaultImageLimits, type ImageLimits } from './image/image-limits.ts';
export { type ImageHeader, inspectImage } from './image/inspect-image.ts';
export { inspectMedium, type UncountedMedium } from './inspect-medium.ts';
export { defaultMediaLimits, type MediaLimits } from './media-limits.ts';
export { inspectVideo, type VideoHeader } from './video/inspect-video.ts';
export { videoFormats } from './video/video-format.ts';
export { defaultVideoLimits, type VideoLimits } from './video/video-limits.ts';
